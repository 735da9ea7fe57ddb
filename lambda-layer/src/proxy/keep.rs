//! Bytes that pass are kept for reading, within bounds.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What was kept of a body that passes or has passed.
#[derive(Debug)]
pub(super) struct Keep {
    bytes: Vec<u8>,
    trailers: Option<HeaderMap>,
    /// How much more is kept.
    room: usize,
    budget: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

/// A keep that is filled while the body passes.
pub(super) type Shared = Arc<Mutex<Keep>>;

impl Keep {
    pub(super) fn new(room: usize, budget: &Arc<Semaphore>) -> Self {
        Self {
            bytes: Vec::new(),
            trailers: None,
            room,
            budget: Arc::clone(budget),
            permit: None,
        }
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }

    /// What was kept, and the trailers.
    pub(super) fn take(shared: &Shared) -> (Bytes, Option<HeaderMap>) {
        let mut keep = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = std::mem::take(&mut keep.bytes);
        (bytes.into(), keep.trailers.take())
    }

    /// Keeps a chunk, or as much of it as there is room for. Whether it was all of it.
    pub(super) fn push(&mut self, chunk: &[u8]) -> bool {
        let part = chunk.get(..self.room.min(chunk.len())).unwrap_or_default();
        let permits = u32::try_from(part.len()).unwrap_or(u32::MAX);
        let Ok(permit) = Arc::clone(&self.budget).try_acquire_many_owned(permits) else {
            self.room = 0;
            return false;
        };
        match &mut self.permit {
            Some(held) => held.merge(permit),
            None => self.permit = Some(permit),
        }
        self.bytes.extend_from_slice(part);
        self.room -= part.len();
        part.len() == chunk.len()
    }
}

/// A body that passes, and is kept on its way.
#[derive(Debug)]
pub(super) struct Kept {
    body: Incoming,
    keep: Shared,
}

impl Kept {
    pub(super) fn new(body: Incoming, keep: Keep) -> (Self, Shared) {
        let keep = Arc::new(Mutex::new(keep));
        let shared = Arc::clone(&keep);
        (Self { body, keep }, shared)
    }
}

impl Body for Kept {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(task));
        if let Some(Ok(frame)) = &frame {
            let mut keep = self.keep.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(chunk) = frame.data_ref() {
                keep.push(chunk);
            } else if let Some(trailers) = frame.trailers_ref() {
                keep.trailers = Some(trailers.clone());
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
