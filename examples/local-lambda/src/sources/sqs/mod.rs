//! The SQS event source mapping: what Lambda's pollers do between a queue and a function.
//!
//! Listeners long-poll; each batch is delivered in a task of its own. Every batch and every listener holds one permit of
//! the mapping's concurrency, so that no message is received that could not be worked on. A full batch is a sign of a
//! backlog and adds a listener; an empty poll takes one away. One listener is always left: it makes the fullest batches.
//!
//! Visibility is never extended: as on Lambda, messages whose visibility runs out come back.

mod client;
mod delivery;
mod event;
mod outcome;
mod queue;
mod relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, watch};

pub use self::queue::QueueError;

use self::delivery::Delivery;
use self::event::{MAX_EVENT_BYTES, Received};
use self::queue::{CALL_LIMIT, Queue};
use crate::config::{Config, SqsMapping};
use crate::function::Function;

/// SQS's own limit.
const LONG_POLL: Duration = Duration::from_secs(20);
/// Lambda starts with five pollers; here it is the most, since one machine serves them all.
const MOST_LISTENERS: usize = 5;
/// Between two short polls at the end of a batching window.
const SHORT_POLL_PAUSE: Duration = Duration::from_millis(100);
const FIRST_RECONNECT: Duration = Duration::from_millis(250);
const LAST_RECONNECT: Duration = Duration::from_secs(10);

/// A running mapping. Dropping it stops the listeners too, but waits for nothing.
#[derive(Debug)]
pub(crate) struct Mapping {
    stop: watch::Sender<bool>,
    /// Yields nothing, and ends when the last task has ended.
    ended: Mutex<mpsc::Receiver<()>>,
}

/// Held by every task of a mapping.
type Alive = mpsc::Sender<()>;

#[derive(Debug)]
struct Listener {
    delivery: Arc<Delivery>,
    batch_size: usize,
    window: Duration,
    permits: Arc<Semaphore>,
    listeners: AtomicUsize,
    most_listeners: usize,
    stop: watch::Receiver<bool>,
}

// === impl Mapping ===

impl Mapping {
    /// Looks the queue up and starts to listen.
    pub(crate) async fn start(
        mapping: &SqsMapping,
        function: Arc<Function>,
        config: &Config,
    ) -> Result<Self, QueueError> {
        let queue = Queue::open(&mapping.queue_url, config).await?;
        let timeout = function.config().timeout;
        if queue.visibility() < timeout {
            return Err(QueueError::ShortVisibility {
                queue_url: mapping.queue_url.clone(),
                visibility_s: queue.visibility().as_secs(),
                function: function.config().name.clone(),
                timeout_ms: timeout.as_millis(),
            });
        }
        let window = shorter_window(mapping.window, queue.visibility());
        if window < mapping.window {
            tracing::warn!(
                queue = mapping.queue_url,
                window_ms = window.as_millis(),
                "the batching window is shortened to half the queue's visibility timeout: messages would come back before it ends"
            );
        }
        let function_limit = function.config().concurrency;
        let limit = mapping
            .maximum_concurrency
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(function_limit);
        let (stop, stopped) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        let listener = Listener {
            delivery: Arc::new(Delivery::new(
                mapping.clone(),
                queue,
                function,
                stopped.clone(),
            )),
            batch_size: usize::try_from(mapping.batch_size).unwrap_or(CALL_LIMIT),
            window,
            permits: Arc::new(Semaphore::new(limit)),
            listeners: AtomicUsize::new(1),
            most_listeners: limit.min(MOST_LISTENERS),
            stop: stopped,
        };
        tokio::spawn(Arc::new(listener).run(alive));
        Ok(Self {
            stop,
            ended: Mutex::new(ended),
        })
    }

    /// No new polls; returns when the batches in flight are settled.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        while self.ended.lock().await.recv().await.is_some() {}
    }
}

// === impl Listener ===

impl Listener {
    async fn run(self: Arc<Self>, alive: Alive) {
        let mut stop = self.stop.clone();
        let mut reconnect = FIRST_RECONNECT;
        while let Some(permit) = self.permit(&mut stop).await {
            match self.collect(&mut stop).await {
                Ok((_, messages)) if messages.is_empty() => {
                    reconnect = FIRST_RECONNECT;
                    if self.retire() {
                        return;
                    }
                }
                Ok((received, messages)) => {
                    reconnect = FIRST_RECONNECT;
                    if messages.len() >= self.batch_size {
                        self.reinforce(&alive);
                    }
                    tokio::spawn(Arc::clone(&self.delivery).run(
                        received,
                        messages,
                        permit,
                        alive.clone(),
                    ));
                }
                Err(error) => {
                    drop(permit);
                    tracing::warn!(%error, retry_ms = reconnect.as_millis(), "receiving failed");
                    or_stop(tokio::time::sleep(reconnect), &mut stop).await;
                    reconnect = LAST_RECONNECT.min(reconnect * 2);
                }
            }
        }
    }

    /// The right to receive one batch; nothing once the mapping stops.
    async fn permit(&self, stop: &mut watch::Receiver<bool>) -> Option<OwnedSemaphorePermit> {
        or_stop(Arc::clone(&self.permits).acquire_owned(), stop)
            .await?
            .ok()
    }

    /// One batch: what one receive brings, or what comes within the window of the first message; and when that one came.
    async fn collect(
        &self,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(Instant, Vec<Received>), QueueError> {
        let queue = self.delivery.queue();
        // A poll that is dropped here may have received messages already; they come back after their visibility timeout.
        let Some(first) = or_stop(queue.receive(self.batch_size, LONG_POLL), stop).await else {
            return Ok((Instant::now(), Vec::new()));
        };
        let mut messages = first?;
        let received = Instant::now();
        if messages.is_empty() || self.window.is_zero() {
            return Ok((received, messages));
        }
        let until = received + self.window;
        let mut bytes: usize = messages.iter().map(Received::bytes).sum();
        while messages.len() < self.batch_size && bytes < MAX_EVENT_BYTES {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let receive = queue.receive(self.batch_size - messages.len(), left.min(LONG_POLL));
            match or_stop(receive, stop).await {
                Some(Ok(more)) if more.is_empty() => {
                    or_stop(tokio::time::sleep(left.min(SHORT_POLL_PAUSE)), stop).await;
                }
                Some(Ok(more)) => {
                    bytes += more.iter().map(Received::bytes).sum::<usize>();
                    messages.extend(more);
                }
                // What was received is delivered: the next poll reports the error.
                Some(Err(_)) | None => break,
            }
        }
        Ok((received, messages))
    }

    /// One more listener, up to the limit.
    fn reinforce(self: &Arc<Self>, alive: &Alive) {
        let more = |now: usize| (now < self.most_listeners).then_some(now + 1);
        if self
            .listeners
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
        {
            tokio::spawn(Arc::clone(self).run(alive.clone()));
        }
    }

    /// One listener less, down to one.
    fn retire(&self) -> bool {
        let fewer = |now: usize| (now > 1).then(|| now - 1);
        self.listeners
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer)
            .is_ok()
    }
}

/// A message that is collected must not come back, and be collected again, before its batch is worked on.
fn shorter_window(window: Duration, visibility: Duration) -> Duration {
    window.min(visibility / 2)
}

/// The future's result, or nothing once the mapping stops.
async fn or_stop<T>(
    future: impl Future<Output = T>,
    stop: &mut watch::Receiver<bool>,
) -> Option<T> {
    tokio::select! {
        biased;
        // An error means that the mapping was dropped.
        _ = stop.wait_for(|stopped| *stopped) => None,
        result = future => Some(result),
    }
}
