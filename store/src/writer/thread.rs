//! The loop of the writing thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::budget::Lease;
use super::commit::{commit, forget_old_keys};
use super::handle::{Key, Outcome, WriteError};
use crate::otlp::SpanBatch;
use crate::schema::Store;

/// A group takes no further request beyond this: its transaction lives in memory.
const GROUP_SPANS: usize = 100_000;
const GROUP_REQUESTS: usize = 256;
/// How often keys older than an hour are looked for.
const FORGET_EVERY: Duration = Duration::from_mins(5);

pub(super) struct Job {
    pub(super) key: Key,
    pub(super) spans: SpanBatch,
    pub(super) answer: oneshot::Sender<Result<Outcome, WriteError>>,
    pub(super) _lease: Lease,
}

pub(super) enum Message {
    Write(Job),
    Close,
}

pub(super) fn write_until_closed(store: &Store, receiver: &Receiver<Message>) {
    let mut forgotten_at = Instant::now();
    forget(store);
    loop {
        let (mut is_last, mut all_stored) = (false, true);
        match receiver.recv_timeout(FORGET_EVERY) {
            Ok(Message::Write(first)) => {
                let (group, closes) = group_of(first, receiver);
                is_last = closes;
                all_stored = write_group(store, group);
            }
            Ok(Message::Close) | Err(RecvTimeoutError::Disconnected) => is_last = true,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if !all_stored && !is_usable(store) {
            tracing::error!(store = %store.url(), "the database can no longer be used: restart");
            return;
        }
        if is_last {
            break;
        }
        if forgotten_at.elapsed() >= FORGET_EVERY {
            forgotten_at = Instant::now();
            forget(store);
        }
    }
    // What came in before the end.
    while let Ok(Message::Write(first)) = receiver.try_recv() {
        write_group(store, group_of(first, receiver).0);
    }
    if let Err(error) = store.connection().execute_batch("CHECKPOINT") {
        tracing::warn!(%error, "the log stays beside the file and is taken in at the next start");
    }
}

/// The first and all that wait, and whether the last of them asked to close.
fn group_of(first: Job, receiver: &Receiver<Message>) -> (Vec<Job>, bool) {
    let mut spans = first.spans.len();
    let mut group = vec![first];
    while spans < GROUP_SPANS && group.len() < GROUP_REQUESTS {
        match receiver.try_recv() {
            Ok(Message::Write(job)) => {
                spans += job.spans.len();
                group.push(job);
            }
            Ok(Message::Close) => return (group, true),
            Err(_) => break,
        }
    }
    (group, false)
}

/// Were all stored, now or before?
fn write_group(store: &Store, group: Vec<Job>) -> bool {
    if let Ok(outcomes) = commit(store.connection(), &group) {
        for (job, outcome) in group.into_iter().zip(outcomes) {
            // An error means that nobody waits any more: the client went away, and may send it again.
            let _ = job.answer.send(Ok(outcome));
        }
        return true;
    }
    let mut all_stored = true;
    for job in group {
        let outcome = commit(store.connection(), std::slice::from_ref(&job));
        let answer = match outcome {
            Ok(outcomes) => outcomes.into_iter().next().ok_or(WriteError::Closed),
            Err(error) => {
                tracing::error!(key = ?job.key, spans = job.spans.len(), %error, "request not stored");
                Err(WriteError::Refused(error.to_string()))
            }
        };
        all_stored &= answer.is_ok();
        let _ = job.answer.send(answer);
    }
    all_stored
}

fn forget(store: &Store) {
    if let Err(error) = forget_old_keys(store.connection(), time::OffsetDateTime::now_utc()) {
        tracing::warn!(%error, "keys of old requests could not be removed");
    }
}

/// After some failures of the disk DuckDB refuses everything.
fn is_usable(store: &Store) -> bool {
    store.connection().execute_batch("SELECT 1").is_ok()
}
