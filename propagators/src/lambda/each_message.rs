use std::{
    fmt,
    future::Future,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context as TaskContext, Poll},
};

use futures::{FutureExt, future::BoxFuture};
use lambda_runtime::{Diagnostic, LambdaEvent};
use opentelemetry::{Context, context::FutureExt as _};
use tower::Service;

use super::{BatchResponse, SqsBatch, SqsMessage, invocation::Invocation, messages::Outcome};
use crate::failure::Failure;

/// A batch handler made of a message handler.
pub struct EachMessage<F> {
    handler: Arc<F>,
}

/// Makes a batch handler of a function that handles one message.
///
/// Messages run one after another, in order, each under its own `process` span. One that fails or panics is logged, ends its
/// span with an error and is reported in `batchItemFailures`; the others go on. In a FIFO queue the first failure ends the
/// batch: what follows is reported as failed too, so that SQS keeps the order.
///
/// The event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`, or Lambda takes failed messages for
/// done.
///
/// ```
/// use baton_propagators::lambda::{SqsMessage, each_message};
/// use lambda_runtime::{LambdaEvent, tower::ServiceExt};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// async fn ship(message: SqsMessage) -> Result<(), String> {
///     if message.body == "bad" { Err("no such order".to_owned()) } else { Ok(()) }
/// }
///
/// let batch = serde_json::from_str(r#"{"Records": [{"messageId": "1", "body": "good"}, {"messageId": "2", "body": "bad"}]}"#)?;
/// let event = LambdaEvent::new(batch, lambda_runtime::Context::default());
/// let response = each_message(ship).oneshot(event).await.map_err(|error| error.error_message)?;
/// assert_eq!(serde_json::to_string(&response)?, r#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#);
/// # Ok(())
/// # }
/// ```
pub fn each_message<F, Fut, E>(handler: F) -> EachMessage<F>
where
    F: Fn(SqsMessage) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: fmt::Display,
{
    Invocation::expect_handler();
    EachMessage {
        handler: Arc::new(handler),
    }
}

// ===== impl EachMessage =====

impl<F, Fut, E> Service<LambdaEvent<SqsBatch>> for EachMessage<F>
where
    F: Fn(SqsMessage) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: fmt::Display,
{
    type Response = BatchResponse;
    type Error = Diagnostic;
    type Future = BoxFuture<'static, Result<BatchResponse, Diagnostic>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Diagnostic>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, event: LambdaEvent<SqsBatch>) -> Self::Future {
        let handler = Arc::clone(&self.handler);
        let invocation = Invocation::handle();
        async move { Ok(run(&*handler, invocation.as_ref(), event.payload).await) }.boxed()
    }
}

impl<F> Clone for EachMessage<F> {
    fn clone(&self) -> Self {
        Self {
            handler: Arc::clone(&self.handler),
        }
    }
}

impl<F> fmt::Debug for EachMessage<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EachMessage").finish_non_exhaustive()
    }
}

async fn run<F, Fut, E>(
    handler: &F,
    invocation: Option<&Arc<Invocation>>,
    batch: SqsBatch,
) -> BatchResponse
where
    F: Fn(SqsMessage) -> Fut + Send + Sync,
    Fut: Future<Output = Result<(), E>> + Send,
    E: fmt::Display,
{
    let mut failed = Vec::new();
    let mut messages = batch.records.into_iter();
    while let Some(message) = messages.next() {
        let (id, is_fifo) = (message.message_id.clone(), message.is_fifo());
        let context = invocation.and_then(|invocation| invocation.handling_context(&id));
        let outcome = handle(handler, message)
            .with_context(context.unwrap_or_else(Context::current))
            .await;
        settle(invocation, &id, &outcome);
        if matches!(outcome, Outcome::Ok) {
            continue;
        }
        failed.push(id);
        if is_fifo {
            let skipped = Outcome::Failed(Failure::new(
                "",
                "skipped: an earlier message of the FIFO queue failed",
            ));
            for message in messages.by_ref() {
                // Its span has to exist before it can tell this.
                invocation.and_then(|invocation| invocation.handling_context(&message.message_id));
                settle(invocation, &message.message_id, &skipped);
                failed.push(message.message_id);
            }
        }
    }
    BatchResponse::of(failed)
}

async fn handle<F, Fut, E>(handler: &F, message: SqsMessage) -> Outcome
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: fmt::Display,
{
    // Inside of the future: a handler may panic before it returns its own.
    let run = AssertUnwindSafe(async { handler(message).await }).catch_unwind();
    Failure::of_run(run.await).map_or(Outcome::Ok, Outcome::Failed)
}

/// A failure that only SQS hears of would be lost to whoever reads the log.
fn settle(invocation: Option<&Arc<Invocation>>, id: &str, outcome: &Outcome) {
    if let Outcome::Failed(failure) = outcome {
        tracing::error!(message_id = id, error = failure.message(), "message failed");
    }
    if let Some(invocation) = invocation {
        invocation.settle(id, outcome);
    }
}
