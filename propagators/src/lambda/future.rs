use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, ready},
};

use futures::future::BoxFuture;
use opentelemetry::{
    Context,
    context::{FutureExt as _, WithContext},
};
use pin_project_lite::pin_project;

use super::invocation::Invocation;

pin_project! {
    /// One invocation: the handler and the posting of its response, then the flush.
    pub struct TraceFuture<F, T> {
        #[pin]
        inner: Option<WithContext<F>>,
        invocation: Arc<Invocation>,
        // Begins when it is polled.
        flush: Option<BoxFuture<'static, ()>>,
        output: Option<T>,
    }
}

// ===== impl TraceFuture =====

impl<F, T> TraceFuture<F, T> {
    pub(super) fn new(
        inner: F,
        context: Context,
        invocation: Arc<Invocation>,
        flush: BoxFuture<'static, ()>,
    ) -> Self {
        Self {
            inner: Some(inner.with_context(context)),
            invocation,
            flush: Some(flush),
            output: None,
        }
    }
}

impl<F: Future> Future for TraceFuture<F, F::Output> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if let Some(inner) = this.inner.as_mut().as_pin_mut() {
            *this.output = Some(ready!(inner.poll(task)));
            // The handler's future may hold spans of its own: they end when it is dropped, so it goes first, then the
            // invocation's spans end, and only then the flush can take them all.
            this.inner.set(None);
            this.invocation.finish();
        }
        if let Some(flush) = this.flush {
            ready!(flush.as_mut().poll(task));
            *this.flush = None;
        }
        match this.output.take() {
            Some(output) => Poll::Ready(output),
            None => Poll::Pending,
        }
    }
}

impl<F, T> fmt::Debug for TraceFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceFuture").finish_non_exhaustive()
    }
}
