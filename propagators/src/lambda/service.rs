use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context as TaskContext, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::FutureExt;
use lambda_runtime::LambdaInvocation;
use opentelemetry::global::BoxedTracer;
use tower::Service;

use super::{TraceFuture, invocation::Invocation};
use crate::{event::Reader, flush::Flush};

/// Left of the function's time for the request for the next event.
const MARGIN: Duration = Duration::from_millis(100);

/// The service that [`TraceLayer`](super::TraceLayer) makes of the runtime's own.
#[derive(Clone)]
pub struct TraceService<S> {
    pub(super) inner: S,
    pub(super) tracer: Arc<BoxedTracer>,
    pub(super) flush: Flush,
    pub(super) flush_within: Duration,
    pub(super) reader: Reader,
    /// Shared by clones: they all live in the one execution environment that starts cold once.
    pub(super) cold: Arc<AtomicBool>,
}

// ===== impl TraceService =====

impl<S> Service<LambdaInvocation> for TraceService<S>
where
    S: Service<LambdaInvocation, Response = ()>,
{
    type Response = ();
    type Error = S::Error;
    type Future = TraceFuture<S::Future, Result<(), S::Error>>;

    fn poll_ready(&mut self, task: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: LambdaInvocation) -> Self::Future {
        let cold = self.cold.swap(false, Ordering::Relaxed);
        let invocation = Arc::new(Invocation::start(
            Arc::clone(&self.tracer),
            &self.reader,
            &request,
            cold,
        ));
        let context = invocation.context();
        let deadline = request.context.deadline();
        // The runtime calls the handler in `call` already, not only when its future is polled.
        let inner = {
            let _current = context.clone().attach();
            self.inner.call(request)
        };
        let (flush, within) = (self.flush.clone(), self.flush_within);
        let flush = async move {
            let patience = patience(within, deadline, SystemTime::now());
            flush.run(patience).await;
        };
        TraceFuture::new(inner, context, invocation, flush.boxed())
    }
}

impl<S: fmt::Debug> fmt::Debug for TraceService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

/// What is left of the function's time, where Lambda says it.
fn patience(within: Duration, deadline: SystemTime, now: SystemTime) -> Duration {
    if deadline == UNIX_EPOCH {
        return within;
    }
    let left = deadline.duration_since(now).unwrap_or_default();
    within.min(left.saturating_sub(MARGIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flush_takes_longer_than_the_function_may_run() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let ms = Duration::from_millis;
        for (deadline, expected) in [
            (now + ms(60_000), ms(5000)),
            (now + ms(1100), ms(1000)),
            (now + ms(100), ms(0)),
            (now - ms(100), ms(0)),
            (UNIX_EPOCH, ms(5000)),
        ] {
            assert_eq!(patience(ms(5000), deadline, now), expected);
        }
    }
}
