//! What is done leaves the queue: ten messages a request, or fewer soon.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};

use super::{
    queue::Queue,
    report::Counts,
    settings::{MAX_BATCH, error_delay},
    stop::{Phase, Stop},
};
use crate::flush::Flush;

/// A message whose delete fails that often is left to its visibility: it will be handled again.
const MAX_TRIES: u32 = 5;
/// A flush that takes longer is not waited for.
const MAX_FLUSH: Duration = Duration::from_secs(1);

pub(super) struct Deletes {
    pending: Mutex<Vec<String>>,
    first: Notify,
    within: Duration,
    flush: Option<Flush>,
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
        loop {
            // What came while a batch was deleted is still to go.
            let last = stop.is(Phase::Closed);
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
            if last {
                return;
            }
        }
    }

    async fn delete(&self, mut receipts: Vec<String>) {
        if let Some(flush) = &self.flush {
            flush.run(MAX_FLUSH).await;
        }
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

    fn pending(&self) -> MutexGuard<'_, Vec<String>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Deletes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deletes").finish_non_exhaustive()
    }
}
