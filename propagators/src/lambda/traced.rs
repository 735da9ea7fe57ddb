use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, ready},
};

use futures::future::{CatchUnwind, FutureExt};
use lambda_runtime::{Diagnostic, FunctionResponse, IntoFunctionResponse, LambdaEvent};
use pin_project_lite::pin_project;
use serde::Serialize;
use tower::Service;

use super::{invocation::Invocation, peek::peek};
use crate::failure::Failure;

/// A handler whose result is seen by the spans of [`TraceLayer`](super::TraceLayer).
pub struct Traced<S, B, R> {
    handler: S,
    /// The response as it is buffered or streamed, which `lambda_runtime` infers as well.
    response: PhantomData<fn() -> (B, R)>,
}

/// Wraps a handler, so that the invocation span tells how it went; see the [module](super).
///
/// - an error: status ERROR with its text, `error.type`, an `exception` event. The error reaches Lambda as it would without
///   the wrapper;
/// - a panic: the same, and it goes on unwinding;
/// - an HTTP response: `http.response.status_code`, and status ERROR from 500 on;
/// - `batchItemFailures`: `baton.outcome` on the span of each message.
///
/// ```
/// use baton_propagators::lambda::traced;
/// use lambda_runtime::{LambdaEvent, service_fn, tower::ServiceExt};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// async fn handler(event: LambdaEvent<u32>) -> Result<u32, lambda_runtime::Error> {
///     Ok(event.payload + 1)
/// }
///
/// let event = LambdaEvent::new(1, lambda_runtime::Context::default());
/// let response = traced(service_fn(handler)).oneshot(event).await;
/// assert!(matches!(response, Ok(lambda_runtime::FunctionResponse::BufferedResponse(2))));
/// # }
/// ```
pub fn traced<S, E, B, R>(handler: S) -> Traced<S, B, R>
where
    S: Service<LambdaEvent<E>>,
    S::Response: IntoFunctionResponse<B, R>,
{
    Invocation::expect_handler();
    Traced {
        handler,
        response: PhantomData,
    }
}

pin_project! {
    /// The run of one handler.
    pub struct TracedFuture<F, B, R> {
        #[pin]
        handler: CatchUnwind<AssertUnwindSafe<F>>,
        invocation: Option<Arc<Invocation>>,
        response: PhantomData<fn() -> (B, R)>,
    }
}

// ===== impl Traced =====

impl<S, E, B, R> Service<LambdaEvent<E>> for Traced<S, B, R>
where
    S: Service<LambdaEvent<E>>,
    S::Response: IntoFunctionResponse<B, R>,
    S::Error: Into<Diagnostic>,
    B: Serialize,
{
    type Response = FunctionResponse<B, R>;
    /// What the runtime makes of any error, made a step earlier: what Lambda is told and what the span says is the same.
    type Error = Diagnostic;
    type Future = TracedFuture<S::Future, B, R>;

    fn poll_ready(&mut self, task: &mut TaskContext<'_>) -> Poll<Result<(), Diagnostic>> {
        self.handler.poll_ready(task).map_err(Into::into)
    }

    fn call(&mut self, event: LambdaEvent<E>) -> Self::Future {
        let invocation = Invocation::handle();
        // A handler may panic before it returns its future.
        let handler = catch_unwind(AssertUnwindSafe(|| self.handler.call(event)));
        let handler = handler.unwrap_or_else(|payload| {
            if let Some(invocation) = &invocation {
                invocation.failed(&Failure::panic(&*payload));
            }
            resume_unwind(payload)
        });
        TracedFuture {
            handler: AssertUnwindSafe(handler).catch_unwind(),
            invocation,
            response: PhantomData,
        }
    }
}

impl<S: Clone, B, R> Clone for Traced<S, B, R> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            response: PhantomData,
        }
    }
}

impl<S: fmt::Debug, B, R> fmt::Debug for Traced<S, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced")
            .field("handler", &self.handler)
            .finish_non_exhaustive()
    }
}

// ===== impl TracedFuture =====

impl<F, T, E, B, R> Future for TracedFuture<F, B, R>
where
    F: Future<Output = Result<T, E>>,
    T: IntoFunctionResponse<B, R>,
    E: Into<Diagnostic>,
    B: Serialize,
{
    type Output = Result<FunctionResponse<B, R>, Diagnostic>;

    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.handler.poll(task));
        let invocation = this.invocation.take();
        Poll::Ready(match outcome {
            Ok(Ok(response)) => {
                let response = response.into_response();
                if let Some(invocation) = invocation.filter(|invocation| invocation.wants_answer())
                {
                    invocation.answered(&peek(invocation.trigger(), &response));
                }
                Ok(response)
            }
            Ok(Err(error)) => {
                let error: Diagnostic = error.into();
                if let Some(invocation) = invocation {
                    invocation.failed(&Failure::new(
                        error.error_type.clone(),
                        error.error_message.as_str(),
                    ));
                }
                Err(error)
            }
            Err(payload) => {
                if let Some(invocation) = invocation {
                    invocation.failed(&Failure::panic(&*payload));
                }
                resume_unwind(payload)
            }
        })
    }
}

impl<F, B, R> fmt::Debug for TracedFuture<F, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracedFuture").finish_non_exhaustive()
    }
}
