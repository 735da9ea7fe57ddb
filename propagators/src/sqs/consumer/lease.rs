//! Messages that this process holds, and the heartbeat that keeps them invisible to others.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use tokio::{sync::OwnedSemaphorePermit, time::sleep};

use super::{
    queue::Queue,
    settings::{MAX_BATCH, MAX_VISIBILITY},
    stop::{Phase, Stop},
};

/// All messages that are held.
#[derive(Debug)]
pub(super) struct Leases {
    held: Mutex<HashMap<u64, Lease>>,
    next: AtomicU64,
    visibility: Duration,
}

/// One message; dropping it ends its heartbeat and frees its place.
#[derive(Debug)]
pub(super) struct Held {
    /// Until the handler gets it.
    message: Option<Message>,
    pub(super) id: String,
    pub(super) receipt: String,
    /// How often it was received, this time included.
    pub(super) receive_count: u32,
    pub(super) group: Option<String>,
    key: u64,
    leases: Arc<Leases>,
    _place: OwnedSemaphorePermit,
}

#[derive(Clone, Debug)]
struct Lease {
    receipt: String,
    received: Instant,
    /// From then on others may receive it.
    until: Instant,
    /// SQS no longer knows the receipt.
    lost: bool,
}

// ===== impl Leases =====

impl Leases {
    pub(super) fn new(visibility: Duration) -> Self {
        Self {
            held: Mutex::default(),
            next: AtomicU64::new(0),
            visibility,
        }
    }

    pub(super) fn hold(self: &Arc<Self>, message: Message, place: OwnedSemaphorePermit) -> Held {
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let receipt = message.receipt_handle().unwrap_or_default().to_owned();
        let lease = Lease {
            receipt: receipt.clone(),
            received: now,
            until: now + self.visibility,
            lost: false,
        };
        self.held().insert(key, lease);
        let count = system(
            &message,
            &MessageSystemAttributeName::ApproximateReceiveCount,
        );
        Held {
            id: message.message_id().unwrap_or_default().to_owned(),
            receipt,
            receive_count: count.and_then(|count| count.parse().ok()).unwrap_or(1),
            group: system(&message, &MessageSystemAttributeName::MessageGroupId).map(str::to_owned),
            message: Some(message),
            key,
            leases: Arc::clone(self),
            _place: place,
        }
    }

    /// Extends what has used up a third of its time, until nothing is left to extend.
    pub(super) async fn heartbeat(&self, queue: &Queue, stop: &Stop) {
        loop {
            tokio::select! {
                () = sleep(self.visibility / 6) => {}
                () = stop.reached(Phase::Closed) => return,
            }
            for batch in self.due(Instant::now()).chunks(MAX_BATCH) {
                self.extend(queue, batch).await;
            }
        }
    }

    fn due(&self, now: Instant) -> Vec<(u64, String)> {
        let due = |lease: &Lease| {
            let left = lease.until.saturating_duration_since(now);
            let end = now.saturating_duration_since(lease.received) + self.visibility;
            !lease.lost && left < self.visibility * 2 / 3 && end < MAX_VISIBILITY
        };
        let held = self.held();
        let due = held.iter().filter(|(_, lease)| due(lease));
        due.map(|(key, lease)| (*key, lease.receipt.clone()))
            .collect()
    }

    async fn extend(&self, queue: &Queue, batch: &[(u64, String)]) {
        let asked = Instant::now();
        let receipts: Vec<&str> = batch.iter().map(|(_, receipt)| receipt.as_str()).collect();
        let patience = self.visibility / 3;
        let Ok(refused) = queue.show_after(&receipts, self.visibility, patience).await else {
            return;
        };
        let mut held = self.held();
        for (index, (key, _)) in batch.iter().enumerate() {
            // It may have been settled meanwhile.
            let Some(lease) = held.get_mut(key) else {
                continue;
            };
            if refused.for_good.contains(&index) {
                lease.lost = true;
                tracing::warn!(
                    queue = queue.name,
                    "a message is no longer ours while its handler runs: others may handle it too"
                );
            } else if !refused.now.contains(&index) {
                lease.until = asked + self.visibility;
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<u64, Lease>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// ===== impl Held =====

impl Held {
    /// The message, once.
    pub(super) fn take(&mut self) -> Option<Message> {
        self.message.take()
    }

    /// Whether others may have it by now.
    pub(super) fn is_lost(&self) -> bool {
        let held = self.leases.held();
        held.get(&self.key)
            .is_none_or(|lease| lease.lost || lease.until <= Instant::now())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.leases.held().remove(&self.key);
    }
}

fn system<'m>(message: &'m Message, name: &MessageSystemAttributeName) -> Option<&'m str> {
    message.attributes()?.get(name).map(String::as_str)
}
