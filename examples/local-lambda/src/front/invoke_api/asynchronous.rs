//! Asynchronous invocations: a bounded queue per function, and two retries.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>. Lambda waits one minute before
//! the first retry and two before the second; nobody on a laptop wants to, so the waits are seconds here. All tries have
//! one request id. Throttling uses up no retry.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use super::error::ApiError;
use crate::function::Function;
use crate::invocation::{InvokeError, InvokeRequest};

/// Most events that wait for one function.
const CAPACITY: usize = 1_000;
/// Most bytes of events that wait for one function, in KiB.
const CAPACITY_KIB: usize = 64 * 1024;
/// Waits before the retries.
const RETRIES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
const THROTTLE_PAUSE: Duration = Duration::from_millis(100);

/// Events that wait for a function.
#[derive(Debug)]
pub(super) struct AsyncQueue {
    events: mpsc::Sender<Event>,
    room: Arc<Semaphore>,
}

#[derive(Debug)]
struct Event {
    request: InvokeRequest,
    /// Its share of the queue's bytes.
    _room: OwnedSemaphorePermit,
}

// === impl AsyncQueue ===

impl AsyncQueue {
    pub(super) fn start(function: Arc<Function>, stop: watch::Receiver<bool>) -> Self {
        let (events, waiting) = mpsc::channel(CAPACITY);
        tokio::spawn(drain(function, waiting, stop));
        Self {
            events,
            room: Arc::new(Semaphore::new(CAPACITY_KIB)),
        }
    }

    /// Queues an event.
    pub(super) fn push(&self, request: InvokeRequest) -> Result<(), ApiError> {
        let kib = u32::try_from(request.payload.len() / 1024 + 1).unwrap_or(u32::MAX);
        let full = || {
            ApiError::too_many(
                "CallerRateLimitExceeded",
                "The queue of asynchronous events is full: try again later.",
            )
        };
        let room = Arc::clone(&self.room)
            .try_acquire_many_owned(kib)
            .map_err(|_| full())?;
        self.events
            .try_send(Event {
                request,
                _room: room,
            })
            .map_err(|_| full())
    }
}

/// Runs events, at most as many at once as the function has environments.
async fn drain(
    function: Arc<Function>,
    mut waiting: mpsc::Receiver<Event>,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(function.config().concurrency));
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await.ok()?;
            Some((slot, waiting.recv().await?))
        };
        let taken = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => None,
            taken = next => taken,
        };
        let Some((slot, event)) = taken else { break };
        let function = Arc::clone(&function);
        let stop = stop.clone();
        tokio::spawn(async move {
            run(&function, event, stop).await;
            drop(slot);
        });
    }
    waiting.close();
    let mut dropped = 0_u32;
    while waiting.try_recv().is_ok() {
        dropped += 1;
    }
    if dropped > 0 {
        tracing::warn!(
            function = function.config().name,
            dropped,
            "asynchronous events were not run"
        );
    }
}

async fn run(function: &Function, event: Event, mut stop: watch::Receiver<bool>) {
    let name = &function.config().name;
    let mut retries = RETRIES.iter();
    loop {
        let failure = match function.invoke(event.request.clone()).await {
            Ok(output) => match output.function_error {
                None => return,
                Some(error) => error.error_type,
            },
            Err(InvokeError::Throttled { .. }) => {
                if pause(THROTTLE_PAUSE, &mut stop).await {
                    continue;
                }
                tracing::warn!(
                    function = name,
                    dropped = 1,
                    "asynchronous events were not run"
                );
                return;
            }
            Err(error) => error.to_string(),
        };
        match retries.next() {
            Some(wait) if pause(*wait, &mut stop).await => {}
            _ => {
                tracing::warn!(
                    function = name,
                    failure,
                    dropped = 1,
                    "an asynchronous event failed for good"
                );
                return;
            }
        }
    }
}

/// Waits; false when everything stops meanwhile.
async fn pause(wait: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        biased;
        _ = stop.wait_for(|stopped| *stopped) => false,
        () = tokio::time::sleep(wait) => true,
    }
}
