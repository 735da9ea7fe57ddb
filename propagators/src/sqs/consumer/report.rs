//! What a consumer did, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a consumer did until it stopped. Every message that was received is in exactly one of `processed`, `failed`,
/// `given_back`, `lost` and `abandoned`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Messages that SQS delivered, redeliveries included.
    pub received: u64,
    /// Those whose handler returned `Ok`.
    pub processed: u64,
    /// Those whose handler returned an error, panicked, or took longer than it may.
    pub failed: u64,
    /// Those that were made visible again without a try, or within one: the consumer stopped, or an earlier message of the
    /// FIFO group failed.
    pub given_back: u64,
    /// Those that waited for their turn until others might have had them.
    pub lost: u64,
    /// Those whose handler still ran, without a pause to stop it at, when the time to stop was over.
    pub abandoned: u64,
    /// Of those that were processed: not deleted, so they will be handled again.
    pub not_deleted: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    received: AtomicU64,
    processed: AtomicU64,
    failed: AtomicU64,
    given_back: AtomicU64,
    lost: AtomicU64,
    not_deleted: AtomicU64,
}

// ===== impl Counts =====

impl Counts {
    pub(super) fn received(&self, messages: usize) {
        add(&self.received, messages);
    }

    pub(super) fn processed(&self) {
        add(&self.processed, 1);
    }

    pub(super) fn failed(&self) {
        add(&self.failed, 1);
    }

    pub(super) fn given_back(&self, messages: usize) {
        add(&self.given_back, messages);
    }

    pub(super) fn lost(&self) {
        add(&self.lost, 1);
    }

    /// Whether these are the first.
    pub(super) fn not_deleted(&self, messages: usize) -> bool {
        add(&self.not_deleted, messages) == 0
    }

    pub(super) fn report(&self) -> Report {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let mut report = Report {
            received: get(&self.received),
            processed: get(&self.processed),
            failed: get(&self.failed),
            given_back: get(&self.given_back),
            lost: get(&self.lost),
            abandoned: 0,
            not_deleted: get(&self.not_deleted),
        };
        let settled = report.processed + report.failed + report.given_back + report.lost;
        report.abandoned = report.received.saturating_sub(settled);
        report
    }
}

fn add(count: &AtomicU64, messages: usize) -> u64 {
    count.fetch_add(u64::try_from(messages).unwrap_or(0), Ordering::Relaxed)
}
