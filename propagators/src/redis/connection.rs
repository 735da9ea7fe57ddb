//! A connection whose commands are spans.

use opentelemetry::Context;
use redis::{Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike};

use super::{RedisTracing, call::Call};

/// A connection that [`RedisTracing`] made: it has every command that its inside has.
#[derive(Clone, Debug)]
pub struct TracedRedis<C> {
    pub(super) connection: C,
    pub(super) tracing: RedisTracing,
}

impl<C> TracedRedis<C> {
    /// The connection itself, for what is not to be traced.
    pub fn untraced(&mut self) -> &mut C {
        &mut self.connection
    }

    /// The connection itself, for good.
    pub fn into_inner(self) -> C {
        self.connection
    }
}

/// The parent of a span is the one that is active where the command is made.
impl<C: ConnectionLike + Send> ConnectionLike for TracedRedis<C> {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        let parent = Context::current();
        Box::pin(async move {
            let call = Call::of(cmd);
            let mut span = self.tracing.start(call, self.connection.get_db(), &parent);
            let result = self.connection.req_packed_command(cmd).await;
            match &result {
                Ok(value) => span.answered(std::slice::from_ref(value)),
                Err(error) => span.failed(error),
            }
            result
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let parent = Context::current();
        Box::pin(async move {
            let call = Call::of_pipeline(pipeline);
            let mut span = self.tracing.start(call, self.connection.get_db(), &parent);
            let answers = self.connection.req_packed_commands(pipeline, offset, count);
            let result = answers.await;
            match &result {
                Ok(values) => span.answered(values),
                Err(error) => span.failed(error),
            }
            result
        })
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}
