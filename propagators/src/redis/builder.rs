//! How commands are traced.

use std::{fmt, sync::Arc};

use opentelemetry::{
    Context, KeyValue, StringValue,
    trace::{SpanBuilder, SpanKind, Tracer},
};
use redis::{ConnectionAddr, ConnectionInfo};

use super::{TracedRedis, call::Call, span::CallSpan};
use crate::{attribute as a, tracer::ChosenTracer};

/// Makes traced connections; see the [module](super).
///
/// ```
/// use baton_propagators::redis::RedisTracing;
///
/// let client = redis::Client::open("redis://cache.example/2")?;
/// let tracing = RedisTracing::global().server(client.get_connection_info());
/// assert!(format!("{tracing:?}").contains("cache.example"));
/// # Ok::<(), redis::RedisError>(())
/// ```
#[derive(Clone, Default)]
pub struct RedisTracing {
    tracer: ChosenTracer,
    address: Option<StringValue>,
    port: Option<u16>,
}

impl RedisTracing {
    /// Spans get the instrumentation scope of `tracer`.
    pub fn new<T>(tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self {
            tracer: ChosenTracer::own(tracer),
            ..Self::default()
        }
    }

    /// Uses the global tracer provider, with the scope `baton-propagators`.
    #[must_use]
    pub fn global() -> Self {
        Self::default()
    }

    /// Where the connection leads: `server.address` and `server.port`. Leave it out for a cluster, which has many.
    #[must_use]
    pub fn server(mut self, info: &ConnectionInfo) -> Self {
        let (address, port) = match info.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                (host.clone(), Some(*port))
            }
            ConnectionAddr::Unix(path) => (path.display().to_string(), None),
            _ => return self,
        };
        // Shared, since every span gets a clone.
        self.address = Some(StringValue::from(Arc::<str>::from(address)));
        self.port = port;
        self
    }

    /// Traces what goes through a connection.
    #[must_use]
    pub fn connection<C>(&self, connection: C) -> TracedRedis<C> {
        TracedRedis {
            connection,
            tracing: self.clone(),
        }
    }

    pub(super) fn start(&self, call: Call, database: i64, parent: &Context) -> CallSpan {
        let name = match (&self.address, self.port) {
            (Some(address), Some(port)) => format!("{} {address}:{port}", call.operation),
            (Some(address), None) => format!("{} {address}", call.operation),
            (None, _) => call.operation.clone(),
        };
        let port = self
            .port
            .map(|port| KeyValue::new(a::SERVER_PORT, i64::from(port)));
        let address = self.address.clone();
        let mut attributes = call.into_attributes(database);
        attributes.extend(address.map(|address| KeyValue::new(a::SERVER_ADDRESS, address)));
        attributes.extend(port);
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Client)
            .with_attributes(attributes);
        CallSpan(self.tracer.start(builder, parent))
    }
}

impl fmt::Debug for RedisTracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisTracing")
            .field("address", &self.address)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
