//! The queue in front of one subscriber: bounded, and what does not fit is counted.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Subscription;

/// Batches that may wait behind the one being sent, before records are dropped.
const BATCHES_WAITING: usize = 4;

/// The queue of one subscriber.
#[derive(Debug)]
pub(super) struct Feed {
    subscription: Subscription,
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    records: VecDeque<Queued>,
    bytes: usize,
    first_at: Option<Instant>,
    dropped_records: u64,
    dropped_bytes: u64,
    /// Do not wait for batches to fill.
    urgent: bool,
    sending: bool,
}

/// A record as it goes out.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) text: String,
    /// It is a `platform.logsDropped` itself.
    reports_loss: bool,
}

/// What is sent at once.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) records: Vec<Queued>,
    bytes: usize,
}

// === impl Feed ===

impl Feed {
    pub(super) fn new(subscription: Subscription) -> Self {
        Self {
            subscription,
            queue: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(super) fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Queues a record, or counts it as dropped when the receiver is that far behind.
    pub(super) fn push(&self, text: String, reports_loss: bool) {
        let mut queue = self.lock();
        let limits = self.subscription.buffering;
        if queue.records.len() >= limits.max_items * BATCHES_WAITING
            || queue.bytes >= limits.max_bytes * BATCHES_WAITING
        {
            queue.dropped_records += 1;
            queue.dropped_bytes += text.len() as u64;
            return;
        }
        queue.bytes += text.len();
        queue.records.push_back(Queued { text, reports_loss });
        queue.first_at.get_or_insert_with(Instant::now);
        drop(queue);
        self.changed.notify_waiters();
    }

    /// Counts records that were lost before they could be queued; told with the next batch.
    pub(super) fn lost(&self, records: u64, bytes: u64) {
        let mut queue = self.lock();
        queue.dropped_records += records;
        queue.dropped_bytes += bytes;
    }

    pub(super) fn pending(&self) -> usize {
        self.lock().records.len()
    }

    /// Sends everything now; from here on nothing waits for a batch to fill.
    pub(super) async fn flush(&self) {
        self.lock().urgent = true;
        self.changed.notify_waiters();
        self.until(|queue| (queue.records.is_empty() && !queue.sending).then_some(()))
            .await;
    }

    async fn until<T>(&self, mut attempt: impl FnMut(&mut Queue) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = attempt(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    /// Waits until a batch is due: full, old enough, or urgent.
    pub(super) async fn due(&self) {
        let limits = self.subscription.buffering;
        loop {
            let first = self.until(|queue| queue.first_at).await;
            let full = self.until(|queue| {
                let full =
                    queue.records.len() >= limits.max_items || queue.bytes >= limits.max_bytes;
                (full || (queue.urgent && !queue.records.is_empty())).then_some(())
            });
            let _ = tokio::time::timeout_at(first + limits.timeout, full).await;
            if !self.lock().records.is_empty() {
                return;
            }
        }
    }

    /// The next batch; to be followed by [`Feed::sent`].
    pub(super) fn take(&self) -> Batch {
        let limits = self.subscription.buffering;
        let mut queue = self.lock();
        let mut batch = Batch {
            records: Vec::new(),
            bytes: 0,
        };
        while batch.records.len() < limits.max_items
            && (batch.records.is_empty() || batch.bytes < limits.max_bytes)
        {
            let Some(record) = queue.records.pop_front() else {
                break;
            };
            batch.bytes += record.text.len();
            batch.records.push(record);
        }
        queue.bytes = queue.bytes.saturating_sub(batch.bytes);
        queue.first_at = (!queue.records.is_empty()).then(Instant::now);
        queue.sending = true;
        batch
    }

    /// Notes how sending went; the loss to report, unless the lost batch held nothing but such a report.
    pub(super) fn sent(&self, batch: &Batch, ok: bool) -> Option<(u64, u64)> {
        let mut queue = self.lock();
        queue.sending = false;
        if !ok {
            queue.dropped_records += batch.records.len() as u64;
            queue.dropped_bytes += batch.bytes as u64;
        }
        let worth = ok || batch.records.iter().any(|record| !record.reports_loss);
        let loss = (queue.dropped_records > 0 && worth)
            .then_some((queue.dropped_records, queue.dropped_bytes));
        if loss.is_some() {
            (queue.dropped_records, queue.dropped_bytes) = (0, 0);
        }
        drop(queue);
        self.changed.notify_waiters();
        loss
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
