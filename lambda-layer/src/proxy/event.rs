//! `/next`: the event is read before it goes on, since the headers that hand its context on stand before it.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use baton_propagators::context::Traceparent;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use super::keep::Keep;
use super::{Body, Proxy, ProxyError, READ_BYTES, upstream};
use crate::invocations::HandOn;

/// An event, as much of it as was read, and what comes after it.
struct Event {
    /// The whole of it when `rest` is empty.
    chunks: VecDeque<Bytes>,
    rest: Option<Incoming>,
}

impl Proxy {
    pub(super) async fn next(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, ProxyError> {
        let response = self.upstream.call(request.map(upstream::boxed)).await?;
        let (mut parts, body) = response.into_parts();
        if parts.status != StatusCode::OK {
            return Ok(Response::from_parts(parts, upstream::boxed(body)));
        }
        let (mut event, keep) = self.read(body).await?;
        let bytes = event.whole(keep);
        let unread = &self.invocations.unread;
        if event.rest.is_some() {
            unread.events.fetch_add(1, Ordering::Relaxed);
        }
        let begin = || self.invocations.begin(&parts.headers, &bytes);
        let hand_on = self.guarded(begin).flatten();
        if let Some(hand_on) = hand_on {
            hand_on.made.write(&mut parts.headers);
            if let Some(header) = hand_on.trace_header.clone() {
                // Replaced, not added: of two the first wins.
                parts.headers.insert("lambda-runtime-trace-id", header);
            }
            if event.rest.is_none() && !hand_on.traceparents.is_empty() {
                event.chunks = replaced(&bytes, &hand_on);
                if parts.headers.contains_key(CONTENT_LENGTH) {
                    let length: usize = event.chunks.iter().map(Bytes::len).sum();
                    parts
                        .headers
                        .insert(CONTENT_LENGTH, HeaderValue::from(length));
                }
            }
        }
        Ok(Response::from_parts(parts, event.boxed_unsync()))
    }

    /// Reads an event to its end, or to the bound.
    async fn read(&self, mut body: Incoming) -> Result<(Event, Keep), ProxyError> {
        let mut keep = Keep::new(READ_BYTES, &self.budget);
        let mut chunks = VecDeque::new();
        while let Some(frame) = body.frame().await.transpose()? {
            // `/next` has no trailers.
            let Ok(chunk) = frame.into_data() else {
                continue;
            };
            // A small event is one chunk: nothing to put together.
            let is_kept = (chunks.is_empty() && body.is_end_stream()) || keep.push(&chunk);
            chunks.push_back(chunk);
            if !is_kept {
                let rest = Some(body);
                return Ok((Event { chunks, rest }, keep));
            }
        }
        Ok((Event { chunks, rest: None }, keep))
    }
}

impl Event {
    /// The event in one piece, or its beginning when it is too long.
    fn whole(&mut self, keep: Keep) -> Bytes {
        match (self.chunks.len(), &self.rest) {
            (0, None) => Bytes::new(),
            (1, None) => self.chunks.front().cloned().unwrap_or_default(),
            (_, Some(_)) => keep.into_bytes(),
            (_, None) => {
                // It is not held twice.
                let bytes = keep.into_bytes();
                self.chunks = [bytes.clone()].into();
                bytes
            }
        }
    }
}

impl HttpBody for Event {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(chunk) = self.chunks.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(task),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_empty() && self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let read: u64 = self.chunks.iter().map(|chunk| chunk.len() as u64).sum();
        let rest = self.rest.as_ref();
        let mut hint = rest.map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + read);
        }
        hint.set_lower(hint.lower() + read);
        hint
    }
}

/// The event with the invocation's `traceparent` at these places, and no other byte changed.
fn replaced(event: &Bytes, hand_on: &HandOn) -> VecDeque<Bytes> {
    let traceparent: Traceparent = hand_on.made.invocation().traceparent();
    let traceparent = Bytes::copy_from_slice(traceparent.as_str().as_bytes());
    let mut chunks = VecDeque::new();
    let mut done = 0;
    for Range { start, end } in &hand_on.traceparents {
        if *start < done || *end > event.len() || start > end {
            continue;
        }
        chunks.push_back(event.slice(done..*start));
        chunks.push_back(traceparent.clone());
        done = *end;
    }
    chunks.push_back(event.slice(done..));
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}
