//! The bounded memory between the function and the receiver, and the counts.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// Spans of this process so far. `made + received` is always `sent + dropped + pending`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The layer's own.
    pub made: u64,
    /// Taken from the function.
    pub received: u64,
    /// Acknowledged by the receiver.
    pub sent: u64,
    /// Given up: refused by the receiver, or there is none.
    pub dropped: u64,
}

impl Counts {
    /// Spans still held.
    #[must_use]
    pub fn pending(&self) -> u64 {
        (self.made + self.received)
            .saturating_sub(self.sent)
            .saturating_sub(self.dropped)
    }
}

impl fmt::Display for Counts {
    /// The count line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            made,
            received,
            sent,
            dropped,
        } = self;
        let pending = self.pending();
        write!(
            f,
            r#"{{"baton":"layer","made":{made},"received":{received},"sent":{sent},"dropped":{dropped},"pending":{pending}}}"#
        )
    }
}

/// What became of a request of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Held until it is sent, or counted as dropped when there is no target.
    Yes,
    /// There is no room now: the sender has to keep it.
    Full,
}

/// A request whose bytes never change again.
#[derive(Debug)]
pub struct Request {
    id: u64,
    /// The body as it goes over the wire.
    pub body: Bytes,
    /// Its spans.
    pub spans: u64,
}

/// Requests of the function, within a byte bound.
///
/// ```
/// use baton_lambda_layer::{Accepted, Buffer};
/// let buffer = Buffer::new(1000, true);
/// assert_eq!(buffer.accept(vec![0; 600].into(), 2), Accepted::Yes);
/// assert_eq!(buffer.accept(vec![0; 600].into(), 2), Accepted::Full);
/// assert_eq!(buffer.counts().pending(), 2);
/// ```
#[derive(Debug)]
pub struct Buffer {
    limit_bytes: usize,
    is_kept: bool,
    state: Mutex<State>,
    half_full: Notify,
}

#[derive(Debug, Default)]
struct State {
    // Invariant: whatever left `fresh` may have reached the receiver; it stands in `frozen` until its fate is known.
    fresh: VecDeque<(Bytes, u64)>,
    frozen: VecDeque<Arc<Request>>,
    held_bytes: usize,
    next_id: u64,
    counts: Counts,
}

// What a held body costs beside its bytes.
const ENTRY_BYTES: usize = 96;

impl Buffer {
    /// A buffer for at most `limit_bytes`. With `is_kept` false everything is counted and dropped at once.
    #[must_use]
    pub fn new(limit_bytes: usize, is_kept: bool) -> Self {
        Self {
            limit_bytes,
            is_kept,
            state: Mutex::default(),
            half_full: Notify::new(),
        }
    }

    /// The largest body that can ever be accepted.
    #[must_use]
    pub fn largest_body_bytes(&self) -> usize {
        self.limit_bytes - ENTRY_BYTES.min(self.limit_bytes)
    }

    /// Takes one request that holds `spans` spans.
    pub fn accept(&self, body: Bytes, spans: u64) -> Accepted {
        let mut state = self.lock();
        if spans == 0 {
            return Accepted::Yes;
        }
        if !self.is_kept {
            state.counts.received += spans;
            state.counts.dropped += spans;
            return Accepted::Yes;
        }
        if !self.hold(&mut state, body, spans) {
            return Accepted::Full;
        }
        state.counts.received += spans;
        Accepted::Yes
    }

    /// Whether there is room for it; then it is held.
    fn hold(&self, state: &mut State, body: Bytes, spans: u64) -> bool {
        let before = state.held_bytes;
        let after = before + body.len() + ENTRY_BYTES;
        if after > self.limit_bytes {
            return false;
        }
        state.held_bytes = after;
        state.fresh.push_back((body, spans));
        if before <= self.limit_bytes / 2 && after > self.limit_bytes / 2 {
            self.half_full.notify_one();
        }
        true
    }

    /// Takes one request of the layer's own. Nobody could send it again: without room it is counted as dropped.
    ///
    /// ```
    /// use baton_lambda_layer::Buffer;
    /// let buffer = Buffer::new(1000, true);
    /// buffer.make(vec![0; 600].into(), 2);
    /// buffer.make(vec![0; 600].into(), 3);
    /// let counts = buffer.counts();
    /// assert_eq!((counts.made, counts.dropped, counts.pending()), (5, 3, 2));
    /// ```
    pub fn make(&self, body: Bytes, spans: u64) {
        let mut state = self.lock();
        state.counts.made += spans;
        if !self.is_kept || !self.hold(&mut state, body, spans) {
            state.counts.dropped += spans;
        }
    }

    /// Completes when the buffer has become more than half full.
    pub async fn half_full(&self) {
        self.half_full.notified().await;
    }

    /// The oldest requests to send now, at most `most`. Those that were tried before come first and as they were; then fresh
    /// ones are merged up to `merge_bytes`, encoded, and frozen.
    pub fn freeze(
        &self,
        most: usize,
        merge_bytes: usize,
        encode: impl Fn(&[Bytes]) -> Bytes,
    ) -> Vec<Arc<Request>> {
        let mut state = self.lock();
        while state.frozen.len() < most && !state.fresh.is_empty() {
            let (bodies, spans) = state.take_fresh(merge_bytes);
            let body = encode(&bodies);
            state.held_bytes += body.len() + ENTRY_BYTES;
            let id = state.next_id;
            state.next_id += 1;
            state
                .frozen
                .push_back(Arc::new(Request { id, body, spans }));
        }
        state.frozen.iter().take(most).cloned().collect()
    }

    /// Ends a request: `rejected` of its spans were refused, the others are with the receiver.
    pub fn settle(&self, request: &Request, rejected: u64) {
        let mut state = self.lock();
        let Some(at) = state.frozen.iter().position(|held| held.id == request.id) else {
            return;
        };
        state.frozen.remove(at);
        state.held_bytes = state
            .held_bytes
            .saturating_sub(request.body.len() + ENTRY_BYTES);
        let rejected = rejected.min(request.spans);
        state.counts.dropped += rejected;
        state.counts.sent += request.spans - rejected;
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    // A panic elsewhere must not take the function's spans, nor the function, with it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_fresh(&mut self, merge_bytes: usize) -> (Vec<Bytes>, u64) {
        let (mut bodies, mut bytes, mut spans) = (Vec::new(), 0, 0);
        while let Some((body, _)) = self.fresh.front() {
            if !bodies.is_empty() && bytes + body.len() > merge_bytes {
                break;
            }
            let Some((body, held)) = self.fresh.pop_front() else {
                break;
            };
            bytes += body.len();
            spans += held;
            self.held_bytes = self.held_bytes.saturating_sub(body.len() + ENTRY_BYTES);
            bodies.push(body);
        }
        (bodies, spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(byte: u8, length: usize) -> Bytes {
        vec![byte; length].into()
    }

    fn join(bodies: &[Bytes]) -> Bytes {
        bodies.concat().into()
    }

    #[test]
    fn merges_only_what_was_never_tried() {
        let buffer = Buffer::new(10_000, true);
        for byte in 1..=3 {
            buffer.accept(body(byte, 100), 1);
        }
        let first = buffer.freeze(4, 200, join);
        let sizes: Vec<usize> = first.iter().map(|request| request.body.len()).collect();
        assert_eq!(sizes, [200, 100]);

        // The first was not delivered: it comes again with the same bytes, and what came since stays apart.
        buffer.accept(body(4, 100), 1);
        buffer.settle(&first[1], 0);
        let second = buffer.freeze(4, 1000, join);
        assert_eq!(second.len(), 2);
        assert_eq!(second[0].body, first[0].body);
        assert_eq!(second[1].body, body(4, 100));
        // What comes after the count asked for stays fresh, to be merged later.
        assert_eq!(buffer.freeze(1, 1000, join).len(), 1);
    }

    #[test]
    fn counts_add_up_and_room_comes_back() {
        let buffer = Buffer::new(1000, true);
        assert_eq!(buffer.accept(body(1, 600), 5), Accepted::Yes);
        assert_eq!(buffer.accept(body(2, 600), 1), Accepted::Full);
        assert_eq!(buffer.accept(Bytes::new(), 0), Accepted::Yes);
        let requests = buffer.freeze(4, 1000, join);
        assert_eq!(buffer.accept(body(2, 600), 1), Accepted::Full);
        buffer.settle(&requests[0], 2);
        buffer.settle(&requests[0], 2);
        assert_eq!(buffer.accept(body(2, 600), 1), Accepted::Yes);
        let counts = buffer.counts();
        assert_eq!((counts.received, counts.sent, counts.dropped), (6, 3, 2));
        assert_eq!(
            counts.to_string(),
            r#"{"baton":"layer","made":0,"received":6,"sent":3,"dropped":2,"pending":1}"#
        );
    }

    #[test]
    fn the_largest_body_fits() {
        let buffer = Buffer::new(1000, true);
        let largest = buffer.largest_body_bytes();
        assert_eq!(buffer.accept(body(1, largest + 1), 1), Accepted::Full);
        assert_eq!(buffer.accept(body(1, largest), 1), Accepted::Yes);
    }

    #[test]
    fn without_a_target_everything_is_dropped_and_counted() {
        let buffer = Buffer::new(1000, false);
        assert_eq!(buffer.accept(body(1, 5000), 5), Accepted::Yes);
        assert_eq!(buffer.counts().dropped, 5);
        assert!(buffer.freeze(4, 1000, join).is_empty());
    }

    #[test]
    fn a_request_that_claims_more_rejected_than_it_had() {
        let buffer = Buffer::new(1000, true);
        buffer.accept(body(1, 10), 5);
        let requests = buffer.freeze(4, 1000, join);
        buffer.settle(&requests[0], u64::MAX);
        assert_eq!((buffer.counts().sent, buffer.counts().dropped), (0, 5));
    }
}
