//! The layer's service, and its future.

use std::{
    error::Error,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Poll, ready},
};

use pin_project_lite::pin_project;
use tower::Service;

use super::{HttpRequest, HttpResponse, HttpTracing, builder::Known, span::RequestSpan};

/// A client whose requests are spans; [`HttpTracing`] makes it.
#[derive(Clone, Debug)]
pub struct TracedHttp<S> {
    pub(super) inner: S,
    pub(super) tracing: HttpTracing,
}

impl<S, R> Service<R> for TracedHttp<S>
where
    S: Service<R>,
    S::Response: HttpResponse,
    S::Error: Error + 'static,
    R: HttpRequest,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: R) -> Self::Future {
        let known = Known::of(request.extensions());
        let span = self.tracing.start(&mut request, &known);
        let guard = span.context().clone().attach();
        let response = self.inner.call(request);
        drop(guard);
        ResponseFuture {
            response,
            span: Some(span),
            request: PhantomData,
        }
    }
}

pin_project! {
    /// The response of a [`TracedHttp`]; the span ends with it, or when it is dropped.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, R> {
        #[pin]
        response: F,
        span: Option<RequestSpan>,
        request: PhantomData<fn(R)>,
    }
}

impl<F, R, T, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<T, E>>,
    R: HttpRequest,
    T: HttpResponse,
    E: Error + 'static,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let active = this
            .span
            .as_ref()
            .map(|span| span.context().clone().attach());
        let result = ready!(this.response.poll(cx));
        drop(active);
        if let Some(mut span) = this.span.take() {
            match &result {
                Ok(response) => span.answered(response),
                Err(error) => span.failed(R::kind_of(error), error, None),
            }
        }
        Poll::Ready(result)
    }
}

impl<F, R> std::fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
