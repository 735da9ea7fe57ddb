//! The thread that makes requests durable and answers them.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::budget::Lease;
use super::handle::{Outcome, WriteError};
use super::sealer::Unsealed;
use crate::hot::{Folder, Key, Keys, Log, Receipt};
use crate::otlp::SpanBatch;

/// A group takes no further request beyond this.
const GROUP_REQUESTS: usize = 256;
/// A segment is sealed when it has so many spans, or its log so many bytes, or its first span waits so long.
const SEGMENT_SPANS: usize = 131_072;
const LOG_BYTES: u64 = 128 * 1024 * 1024;
const SEAL_AFTER: Duration = Duration::from_secs(1);
/// How often old keys are looked for.
const FORGET_EVERY: Duration = Duration::from_mins(5);

pub(super) struct Job {
    pub(super) key: Key,
    pub(super) body: Bytes,
    pub(super) spans: SpanBatch,
    pub(super) answer: oneshot::Sender<Result<Outcome, WriteError>>,
    pub(super) lease: Lease,
}

pub(super) enum Message {
    Write(Job),
    /// Answered when what was acknowledged can be read.
    Seal(oneshot::Sender<()>),
    Close,
}

pub(super) struct Committer {
    folder: Folder,
    next_number: u64,
    keys: Keys,
    forgotten_at: Instant,
    open: Option<Open>,
    sealer: SyncSender<Unsealed>,
}

/// The log that is written, and what is in it.
struct Open {
    log: Log,
    spans: usize,
    since: Instant,
}

/// The thread is to end.
struct Stop;

impl Committer {
    pub(super) fn new(
        folder: Folder,
        next_number: u64,
        keys: Keys,
        sealer: SyncSender<Unsealed>,
    ) -> Self {
        Self {
            folder,
            next_number,
            keys,
            forgotten_at: Instant::now(),
            open: None,
            sealer,
        }
    }

    /// Until it is closed, or the log can no longer be trusted.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        while self.step(messages).is_ok() {}
        // What came in before the end.
        while let Ok(Message::Write(first)) = messages.try_recv() {
            let (group, _) = group_of(first, messages);
            if self.write(group).is_err() {
                return;
            }
        }
        let _ = self.seal(None);
    }

    fn step(&mut self, messages: &Receiver<Message>) -> Result<(), Stop> {
        let next = match messages.recv_timeout(self.until_due()) {
            Ok(Message::Write(first)) => {
                let (group, next) = group_of(first, messages);
                self.write(group)?;
                next
            }
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Message::Close),
        };
        match next {
            Some(Message::Close) => return Err(Stop),
            Some(Message::Seal(answer)) => self.seal(Some(answer))?,
            Some(Message::Write(_)) | None => {}
        }
        if self.until_due().is_zero() {
            self.seal(None)?;
        }
        if self.forgotten_at.elapsed() >= FORGET_EVERY {
            self.forgotten_at = Instant::now();
            self.keys.forget_old(now_s());
        }
        Ok(())
    }

    /// How long the segment may still grow.
    fn until_due(&self) -> Duration {
        let Some(open) = &self.open else {
            return FORGET_EVERY;
        };
        if open.spans >= SEGMENT_SPANS || open.log.length_bytes() >= LOG_BYTES {
            return Duration::ZERO;
        }
        SEAL_AFTER.saturating_sub(open.since.elapsed())
    }

    /// Stores the requests that are new, all or none of them, and answers all.
    fn write(&mut self, group: Vec<Job>) -> Result<(), Stop> {
        let received_s = now_s();
        let (new, known): (Vec<Job>, Vec<Job>) = group
            .into_iter()
            .partition(|job| self.keys.insert(&job.key, received_s));
        if let Err(error) = self.make_durable(&new, received_s) {
            return self.refuse(new, known, &error);
        }
        for Job {
            key,
            spans,
            answer,
            lease,
            ..
        } in new
        {
            let receipt = Receipt {
                key,
                received_s,
                spans: u32::try_from(spans.len()).unwrap_or(u32::MAX),
            };
            let Some(open) = &mut self.open else {
                return Err(Stop);
            };
            open.spans += spans.len();
            let unsealed = Unsealed::Request {
                log: open.log.number(),
                receipt,
                spans,
                lease,
            };
            // Before the answer: who has it and asks to seal finds the spans there.
            self.sealer.send(unsealed).map_err(|_| Stop)?;
            // An error means that nobody waits any more: the client went away, and may send it again.
            let _ = answer.send(Ok(Outcome::Stored));
        }
        for job in known {
            let _ = job.answer.send(Ok(Outcome::Duplicate));
        }
        Ok(())
    }

    fn make_durable(&mut self, new: &[Job], received_s: i64) -> io::Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        if self.open.is_none() {
            let log = Log::create(&self.folder, self.next_number)?;
            self.next_number += 1;
            self.open = Some(Open {
                log,
                spans: 0,
                since: Instant::now(),
            });
        }
        let Some(Open { log, .. }) = &mut self.open else {
            return Ok(());
        };
        for job in new {
            log.append(&job.key, received_s, &job.body)?;
        }
        log.sync()
    }

    /// The log is as it was before, or nothing more is written: what was refused is not there after a crash.
    fn refuse(&mut self, new: Vec<Job>, known: Vec<Job>, error: &io::Error) -> Result<(), Stop> {
        tracing::error!(requests = new.len(), %error, "requests not stored");
        for job in &new {
            self.keys.remove(&job.key);
        }
        let is_as_before = match &mut self.open {
            Some(open) => open.log.take_back(),
            None => Ok(()),
        };
        // One that is known may be known from this group alone.
        for job in new.into_iter().chain(known) {
            let _ = job.answer.send(Err(WriteError::Refused(error.to_string())));
        }
        is_as_before.map_err(|error| {
            tracing::error!(%error, "the log can no longer be written: restart");
            Stop
        })
    }

    /// Ends the log and hands it to the sealing thread.
    fn seal(&mut self, answer: Option<oneshot::Sender<()>>) -> Result<(), Stop> {
        let log = self.open.take().map(|open| open.log.number());
        // Also without a log: the one before may not be sealed yet.
        self.sealer
            .send(Unsealed::End { log, answer })
            .map_err(|_| Stop)
    }
}

/// The first and all that wait, and the message that ended them.
fn group_of(first: Job, messages: &Receiver<Message>) -> (Vec<Job>, Option<Message>) {
    let mut group = vec![first];
    while group.len() < GROUP_REQUESTS {
        match messages.try_recv() {
            Ok(Message::Write(job)) => group.push(job),
            Ok(message) => return (group, Some(message)),
            Err(_) => break,
        }
    }
    (group, None)
}

fn now_s() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}
