//! The loop: receive, handle, settle.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_sqs::types::Message;
use futures::{FutureExt as _, future::BoxFuture};
use opentelemetry::context::FutureExt as _;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

use super::{
    deletes::Deletes,
    groups::Groups,
    lease::{Held, Leases},
    outcome::Outcome,
    queue::Queue,
    report::Counts,
    settings::{MAX_BATCH, Settings, error_delay},
    stop::{Phase, Stop},
};

/// A handler that never panics: it tells how it ended.
pub(super) type Handler = Arc<dyn Fn(Message) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// A request that is under way when the consumer stops may bring messages, which are given back. A long poll that waits
/// for some is not worth waiting for.
const LAST_RECEIVE: Duration = Duration::from_secs(1);

/// What all tasks of a consumer share.
pub(super) struct Worker {
    pub(super) settings: Settings,
    pub(super) queue: Arc<Queue>,
    pub(super) handler: Handler,
    pub(super) stop: Stop,
    pub(super) leases: Arc<Leases>,
    pub(super) deletes: Deletes,
    pub(super) counts: Arc<Counts>,
    pub(super) groups: Groups,
    /// One place for each message that may be held.
    pub(super) places: Arc<Semaphore>,
}

/// How it goes on with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Done,
    Failed,
    /// No fault of its own.
    GivenBack,
    /// It belongs to others.
    Lost,
}

// ===== impl Worker =====

impl Worker {
    /// Receives until the consumer stops.
    pub(super) async fn poll(self: Arc<Self>) {
        let mut failures = 0;
        while !self.stop.is(Phase::Draining) {
            let places = tokio::select! {
                places = self.free_places() => places,
                () = self.stop.reached(Phase::Draining) => return,
            };
            if let Some(messages) = self.receive(places.len()).await {
                failures = 0;
                self.take(messages, places);
                continue;
            }
            drop(places);
            failures += 1;
            tokio::select! {
                () = sleep(error_delay(failures, fastrand::f64())) => {}
                () = self.stop.reached(Phase::Draining) => return,
            }
        }
    }

    /// One at least; as many as one request can fill.
    async fn free_places(&self) -> Vec<OwnedSemaphorePermit> {
        let mut places = Vec::with_capacity(MAX_BATCH);
        // It is never closed.
        places.extend(Arc::clone(&self.places).acquire_owned().await.ok());
        while places.len() < MAX_BATCH
            && let Ok(place) = Arc::clone(&self.places).try_acquire_owned()
        {
            places.push(place);
        }
        places
    }

    async fn receive(&self, most: usize) -> Option<Vec<Message>> {
        let last = async {
            self.stop.reached(Phase::Draining).await;
            sleep(LAST_RECEIVE).await;
        };
        let Settings {
            wait, visibility, ..
        } = self.settings;
        tokio::select! {
            received = self.queue.receive(most, wait, visibility) => received.ok(),
            () = last => Some(Vec::new()),
        }
    }

    /// Starts a task for each message, or for each message group. All wait for their turn before any starts: one that fails
    /// at once has to find those that follow it.
    fn take(self: &Arc<Self>, messages: Vec<Message>, places: Vec<OwnedSemaphorePermit>) {
        let hold = |(message, place)| {
            self.counts.received(1);
            let held = self.leases.hold(message, place);
            match held.group.clone().filter(|_| self.queue.is_fifo()) {
                Some(group) => Some((self.groups.join(&group, held)?, Some(group))),
                None => Some((held, None)),
            }
        };
        let first: Vec<_> = messages.into_iter().zip(places).filter_map(hold).collect();
        for (held, group) in first {
            tokio::spawn(Arc::clone(self).handle_group(held, group));
        }
    }

    /// Handles a message, and in a FIFO queue those of its group that follow, until one is not done.
    async fn handle_group(self: Arc<Self>, first: Held, group: Option<String>) {
        let mut next = Some(first);
        while let Some(mut held) = next {
            // A handler may still panic where it is dropped: its group goes on.
            let handled = AssertUnwindSafe(self.handle(&mut held)).catch_unwind();
            let verdict = handled.await.unwrap_or(Verdict::Failed);
            if verdict != Verdict::Done {
                let rest = group.map(|group| self.groups.leave(&group));
                return self.undo(verdict, &held, &rest.unwrap_or_default()).await;
            }
            drop(held);
            next = group.as_ref().and_then(|group| self.groups.next(group));
        }
    }

    async fn handle(&self, held: &mut Held) -> Verdict {
        if self.stop.is(Phase::Draining) {
            return Verdict::GivenBack;
        }
        let Some(message) = held.take().filter(|_| !held.is_lost()) else {
            return Verdict::Lost;
        };
        let observer = &self.queue.observer;
        let context = observer.start(&message);
        let started = Instant::now();
        let outcome = tokio::select! {
            biased;
            outcome = (self.handler)(message).with_context(context.clone()) => outcome,
            () = sleep(self.settings.max_processing) => Outcome::too_long(self.settings.max_processing),
            () = self.stop.reached(Phase::Over) => Outcome::stopped(),
        };
        observer.finish(&context, &outcome, started.elapsed());
        if let Some(failure) = outcome.failure() {
            tracing::error!(
                message_id = held.id,
                error = failure.message(),
                "message failed"
            );
        }
        match outcome {
            Outcome::Ok => {
                self.counts.processed();
                self.deletes.push(&held.receipt).await;
                Verdict::Done
            }
            Outcome::Failed(_) => Verdict::Failed,
            Outcome::Stopped(_) => Verdict::GivenBack,
        }
    }

    /// First what followed in the group, then the message itself: as long as it is invisible, SQS delivers no other of its
    /// group, and the order holds.
    async fn undo(&self, verdict: Verdict, held: &Held, rest: &[Held]) {
        self.counts.given_back(rest.len());
        let receipts: Vec<&str> = rest.iter().map(|held| held.receipt.as_str()).collect();
        for batch in receipts.chunks(MAX_BATCH) {
            self.show_after(batch, Duration::ZERO).await;
        }
        match verdict {
            Verdict::Done => {}
            Verdict::Lost => self.counts.lost(),
            Verdict::GivenBack => {
                self.counts.given_back(1);
                self.show_after(&[&held.receipt], Duration::ZERO).await;
            }
            Verdict::Failed => {
                self.counts.failed();
                if let Some(delay) = self.settings.retry.delay(held.receive_count) {
                    self.show_after(&[&held.receipt], delay).await;
                }
            }
        }
    }

    /// What does not work is left to its visibility timeout.
    async fn show_after(&self, receipts: &[&str], delay: Duration) {
        let _ = self.queue.show_after(receipts, delay, Duration::MAX).await;
    }

    /// Waits until no message is held, and nobody asks for more.
    pub(super) async fn idle(&self) {
        let all = u32::try_from(self.settings.concurrency).unwrap_or(u32::MAX);
        // It is never closed.
        let _ = self.places.acquire_many(all).await;
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
