//! The receiver's side: requests go out, and come back as sent, dropped, or kept for the next flush.

mod connections;
mod encode;
pub(crate) mod retry;
mod send;

use std::time::Duration;

use futures::future::join_all;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use tokio::time::{Instant, sleep, timeout_at};

use crate::answer::PROTOBUF;
use crate::budget::FULL_FLUSH_EVERY;
use crate::buffer::{Buffer, Request};
use crate::config::{Compression, Target};

use connections::Connections;
use retry::{Attempt, Next, decide};

/// How many requests are under way at one time.
const PARALLEL: usize = 4;
/// Fresh requests are merged up to this size: small enough for every known receiver's limit.
const MERGE_BYTES: usize = 512 * 1024;

/// Whether there will be another flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// What is left can wait: a `Retry-After` is obeyed even beyond this flush.
    Usual,
    /// The process ends after it: a receiver that asked for patience is tried once more all the same.
    Last,
}

/// Sends what a [`Buffer`] holds to one target.
#[derive(Debug)]
pub struct Exporter {
    target: Target,
    headers: HeaderMap,
    compression: Compression,
    connections: Connections,
    /// The receiver asked not to be called before this.
    not_before: Option<Instant>,
    /// When the last flush of full length failed; `None` while all is well.
    failed_at: Option<Instant>,
}

/// What became of one request.
struct Outcome {
    next: Next,
    attempt: Attempt,
}

impl Exporter {
    /// An exporter to `target`. Nothing is connected before the first flush.
    #[must_use]
    pub fn new(target: Target, mut headers: HeaderMap, compression: Compression) -> Self {
        headers.insert(CONTENT_TYPE, PROTOBUF);
        headers
            .entry(USER_AGENT)
            .or_insert(HeaderValue::from_static(concat!(
                "baton-layer/",
                env!("CARGO_PKG_VERSION")
            )));
        if compression == Compression::Gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Self {
            target,
            headers,
            compression,
            connections: Connections::default(),
            not_before: None,
            failed_at: None,
        }
    }

    /// How long ago a flush of full length failed, while the receiver has not come back.
    #[must_use]
    pub fn since_failure(&self) -> Option<Duration> {
        self.failed_at.map(|at| at.elapsed())
    }

    /// Sends until `buffer` is empty, a request has to be kept, or `until`. Nothing is under way when it returns.
    ///
    /// It may be dropped: requests under way then count as requests without an answer.
    pub async fn flush(&mut self, buffer: &Buffer, until: Instant, urgency: Urgency) {
        if buffer.counts().pending() == 0 || !self.wait_for_receiver(until, urgency).await {
            return;
        }
        let client = match self.connections.client(&self.target) {
            Ok(client) => client,
            Err(error) => return self.note_failure(&format!("no HTTP client: {error}")),
        };
        loop {
            let requests = buffer.freeze(PARALLEL, MERGE_BYTES, |bodies| {
                encode::join(bodies, self.compression)
            });
            if requests.is_empty() {
                break;
            }
            let deliveries = requests
                .iter()
                .map(|request| self.deliver(&client, buffer, request, until));
            let mut is_kept = false;
            for outcome in join_all(deliveries).await {
                is_kept |= self.conclude(&outcome);
            }
            if is_kept {
                break;
            }
        }
        self.connections.rest();
    }

    /// Whether the receiver may be called before `until`.
    async fn wait_for_receiver(&mut self, until: Instant, urgency: Urgency) -> bool {
        if let Some(at) = self.not_before
            && urgency == Urgency::Usual
        {
            if at >= until {
                return false;
            }
            tokio::time::sleep_until(at).await;
        }
        self.not_before = None;
        Instant::now() < until
    }

    async fn deliver(
        &self,
        client: &reqwest::Client,
        buffer: &Buffer,
        request: &Request,
        until: Instant,
    ) -> Outcome {
        let mut tries = 0;
        loop {
            let sending = send::send(client, &self.target, &self.headers, request.body.clone());
            let attempt = timeout_at(until, sending)
                .await
                .unwrap_or(Attempt::OutOfTime);
            let remaining = until.saturating_duration_since(Instant::now());
            match decide(&attempt, tries, remaining, fastrand::f64()) {
                Next::RetryIn(pause) => sleep(pause).await,
                next => {
                    // Booked at once: while others are still under way the flush may be dropped.
                    self.settle(buffer, request, next, &attempt);
                    return Outcome { next, attempt };
                }
            }
            tries += 1;
        }
    }

    /// Books a request that has come to its end.
    fn settle(&self, buffer: &Buffer, request: &Request, next: Next, attempt: &Attempt) {
        match next {
            Next::Delivered { rejected } => {
                buffer.settle(request, rejected);
                if let Attempt::Accepted {
                    partial: Some((rejected, why)),
                } = attempt
                {
                    tracing::warn!(spans = rejected, target_url = %self.target, "the receiver rejected spans: {why}");
                }
            }
            Next::Drop => {
                buffer.settle(request, request.spans);
                tracing::warn!(
                    spans = request.spans,
                    target_url = %self.target,
                    "spans dropped: the receiver answered {attempt}; check `BATON_EXPORT` and `BATON_EXPORT_HEADERS`"
                );
            }
            Next::Keep { .. } | Next::RetryIn(_) => {}
        }
    }

    /// What one outcome says about the receiver. `true`: the request stays in the buffer.
    fn conclude(&mut self, outcome: &Outcome) -> bool {
        match outcome.next {
            Next::Delivered { .. } => {
                if self.failed_at.take().is_some() {
                    tracing::info!(target_url = %self.target, "the receiver is back");
                }
                false
            }
            Next::Drop => false,
            Next::Keep { not_before } => {
                let asked = not_before.and_then(|pause| Instant::now().checked_add(pause));
                self.not_before = self.not_before.max(asked);
                self.note_failure(&outcome.attempt.to_string());
                true
            }
            Next::RetryIn(_) => true,
        }
    }

    /// The first of a row of failures is a line in the log; the count line tells the rest.
    fn note_failure(&mut self, why: &str) {
        self.connections.close();
        let since = self.since_failure();
        // A probe that fails leaves the date alone: every so often a flush gets its full time.
        if since.is_none_or(|since| since >= FULL_FLUSH_EVERY) {
            self.failed_at = Some(Instant::now());
        }
        if since.is_none() {
            tracing::warn!(target_url = %self.target, "spans are kept for the next flush: {why}");
        } else {
            tracing::debug!(target_url = %self.target, "spans are still kept: {why}");
        }
    }
}
