use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context as TaskContext, Poll},
};

use futures::FutureExt;
use lambda_runtime::LambdaInvocation;
use opentelemetry::global::BoxedTracer;
use tower::Service;

use super::{TraceFuture, flush::Flush, invocation::Invocation};
use crate::event::Reader;

/// The service that [`TraceLayer`](super::TraceLayer) makes of the runtime's own.
#[derive(Clone)]
pub struct TraceService<S> {
    pub(super) inner: S,
    pub(super) tracer: Arc<BoxedTracer>,
    pub(super) flush: Arc<Flush>,
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
        let flush = Arc::clone(&self.flush).run(deadline).boxed();
        TraceFuture::new(inner, context, invocation, flush)
    }
}

impl<S: fmt::Debug> fmt::Debug for TraceService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
