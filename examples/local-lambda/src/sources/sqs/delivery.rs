//! From a received batch to a settled one: invoke, read the answer, delete what is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::event::{Received, batches};
use super::outcome::Outcome;
use super::queue::Queue;
use super::relay::event;
use super::{Alive, or_stop};
use crate::config::{Relay, SqsMapping};
use crate::function::Function;
use crate::invocation::{InvokeError, InvokeOutput, InvokeRequest};

const FIRST_RETRY: Duration = Duration::from_millis(25);
const LAST_RETRY: Duration = Duration::from_millis(250);

/// What is the same for every batch of a mapping.
#[derive(Debug)]
pub(super) struct Delivery {
    mapping: SqsMapping,
    queue: Queue,
    function: Arc<Function>,
    stop: watch::Receiver<bool>,
}

// === impl Delivery ===

impl Delivery {
    pub(super) fn new(
        mapping: SqsMapping,
        queue: Queue,
        function: Arc<Function>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            mapping,
            queue,
            function,
            stop,
        }
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Delivers what was received, the first of it at `received`. `_permit` and `_alive` are held until everything is settled.
    pub(super) async fn run(
        self: Arc<Self>,
        received: Instant,
        messages: Vec<Received>,
        _permit: OwnedSemaphorePermit,
        _alive: Alive,
    ) {
        let batch_size = match self.mapping.relay {
            Relay::None => usize::try_from(self.mapping.batch_size).unwrap_or(usize::MAX),
            Relay::Sns | Relay::EventBridge => 1,
        };
        for batch in batches(messages, batch_size) {
            // The rest of a FIFO receive may belong to the groups of the failed messages: it must not overtake them.
            if !self.deliver(received, &batch).await && self.mapping.is_fifo() {
                return;
            }
        }
    }

    /// Runs one invocation and settles its messages; true when all are done.
    async fn deliver(&self, received: Instant, batch: &[Received]) -> bool {
        let Some(output) = self.invoke(received, batch).await else {
            return false;
        };
        let outcome = self.outcome(&output, batch);
        let function = &self.function.config().name;
        match &outcome {
            Outcome::Success => {}
            Outcome::Partial(failed) => {
                tracing::info!(
                    function,
                    queue = self.queue.url(),
                    failed = failed.len(),
                    "messages come back"
                );
            }
            Outcome::Failure(reason) => {
                tracing::warn!(
                    function,
                    queue = self.queue.url(),
                    failed = batch.len(),
                    reason,
                    "messages come back"
                );
            }
        }
        let done: Vec<_> = batch
            .iter()
            .filter(|message| outcome.is_done(message))
            .collect();
        let left = self.queue.delete(&done).await;
        if left > 0 {
            tracing::warn!(
                function,
                queue = self.queue.url(),
                left,
                "messages are done but not deleted: they come back"
            );
        }
        outcome == Outcome::Success
    }

    fn outcome(&self, output: &InvokeOutput, batch: &[Received]) -> Outcome {
        match &output.function_error {
            Some(error) => Outcome::Failure(format!("the function failed: `{}`", error.error_type)),
            None if self.mapping.report_batch_item_failures => {
                Outcome::parse(&output.payload, batch)
            }
            None => Outcome::Success,
        }
    }

    /// Invokes the function; a throttled batch is held while its messages are invisible.
    async fn invoke(&self, received: Instant, batch: &[Received]) -> Option<InvokeOutput> {
        let event = event(self.mapping.relay, batch).inspect_err(|reason| {
            let (function, queue) = (&self.function.config().name, self.queue.url());
            tracing::warn!(
                function,
                queue,
                reason,
                "a message that cannot be relayed comes back"
            );
        });
        let request = InvokeRequest {
            trace_header: trace_header(batch),
            ..InvokeRequest::new(event.ok()?)
        };
        let mut stop = self.stop.clone();
        let mut pause = FIRST_RETRY;
        let visibility = self.queue.visibility();
        let error = loop {
            if received.elapsed() >= visibility {
                let function = &self.function.config().name;
                tracing::warn!(
                    function,
                    queue = self.queue.url(),
                    failed = batch.len(),
                    "the visibility timeout ran out first: messages come back"
                );
                return None;
            }
            match self.function.invoke(request.clone()).await {
                Ok(output) => return Some(output),
                Err(InvokeError::Throttled { .. }) if received.elapsed() + pause < visibility => {}
                Err(error) => break error,
            }
            or_stop(tokio::time::sleep(pause), &mut stop).await?;
            pause = LAST_RETRY.min(pause * 2);
        };
        let function = &self.function.config().name;
        tracing::warn!(function, queue = self.queue.url(), %error, failed = batch.len(), "messages come back");
        None
    }
}

/// One message hands on its own trace header; a batch of several has no one parent.
fn trace_header(batch: &[Received]) -> Option<String> {
    match batch {
        [only] => only.trace_header.clone(),
        _ => None,
    }
}
