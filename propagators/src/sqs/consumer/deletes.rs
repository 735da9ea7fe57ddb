//! What is done leaves the queue: ten messages a request, or fewer soon.

use std::{
    fmt, mem,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{sync::Notify, time::sleep};

use super::{
    queue::Queue,
    report::Counts,
    settings::{MAX_BATCH, error_delay},
    stop::{Phase, Stop},
};

/// Called before messages are deleted.
pub(super) type Flush = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// A message whose delete fails that often is left to its visibility: it will be handled again.
const MAX_TRIES: u32 = 5;
/// A flush that takes longer is not waited for.
const MAX_FLUSH: Duration = Duration::from_secs(1);
/// After one that took too long, deletes go on without.
const NO_FLUSH: Duration = Duration::from_secs(30);

pub(super) struct Deletes {
    pending: Mutex<Vec<String>>,
    first: Notify,
    within: Duration,
    flush: Option<Flush>,
    no_flush_until: Mutex<Option<Instant>>,
    queue: Arc<Queue>,
    counts: Arc<Counts>,
}

// ===== impl Deletes =====

impl Deletes {
    pub(super) fn new(
        queue: Arc<Queue>,
        counts: Arc<Counts>,
        within: Duration,
        flush: Option<Flush>,
    ) -> Self {
        Self {
            pending: Mutex::default(),
            first: Notify::new(),
            within,
            flush,
            no_flush_until: Mutex::default(),
            queue,
            counts,
        }
    }

    /// Takes a message. Whoever fills a batch deletes it, and holds its own place meanwhile: when deletes are slow, less is
    /// received.
    pub(super) async fn push(&self, receipt: &str) {
        let full = {
            let mut pending = self.pending();
            pending.push(receipt.to_owned());
            (pending.len() >= MAX_BATCH).then(|| mem::take(&mut *pending))
        };
        match full {
            Some(batch) => self.delete(batch).await,
            None => self.first.notify_one(),
        }
    }

    /// Deletes what no batch was filled with.
    pub(super) async fn run(&self, stop: &Stop) {
        while !stop.is(Phase::Closed) {
            tokio::select! {
                () = self.first.notified() => {}
                () = stop.reached(Phase::Closed) => {}
            }
            tokio::select! {
                () = sleep(self.within) => {}
                () = stop.reached(Phase::Closed) => {}
            }
            let batch = mem::take(&mut *self.pending());
            if !batch.is_empty() {
                self.delete(batch).await;
            }
        }
    }

    async fn delete(&self, mut receipts: Vec<String>) {
        self.flush().await;
        for failures in 1..=MAX_TRIES {
            if let Ok(refused) = self.queue.delete(&receipts).await {
                self.count(refused.for_good.len());
                let mut index = 0;
                receipts.retain(|_| {
                    index += 1;
                    refused.now.contains(&(index - 1))
                });
                if receipts.is_empty() {
                    return;
                }
            }
            if failures < MAX_TRIES {
                sleep(error_delay(failures, fastrand::f64())).await;
            }
        }
        self.count(receipts.len());
    }

    fn count(&self, messages: usize) {
        if messages > 0 && self.counts.not_deleted(messages) {
            tracing::warn!(
                queue = self.queue.name,
                messages,
                "messages were handled and could not be deleted: they will be handled again (counted from now on, not \
                 logged again)"
            );
        }
    }

    /// Bounded, and given up for a while when it takes too long: tracing delays no delete for long.
    async fn flush(&self) {
        let Some(flush) = &self.flush else { return };
        let paused = *self.no_flush_until();
        if paused.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let flush = AssertUnwindSafe(async { flush().await }).catch_unwind();
        if !matches!(tokio::time::timeout(MAX_FLUSH, flush).await, Ok(Ok(()))) {
            tracing::warn!(
                queue = self.queue.name,
                "spans were not flushed within {MAX_FLUSH:?}: deletes do not wait for them for {NO_FLUSH:?}"
            );
            *self.no_flush_until() = Some(Instant::now() + NO_FLUSH);
        }
    }

    fn pending(&self) -> MutexGuard<'_, Vec<String>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_flush_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.no_flush_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Deletes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deletes").finish_non_exhaustive()
    }
}
