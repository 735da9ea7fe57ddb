//! What the Lambda layer tells a wrapper inside of the function: which spans it makes already.

use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::context::{SpanId, TraceContext};

/// The `traceparent` of the invocation span.
const BATON_SPAN: HeaderName = HeaderName::from_static("baton-span");
/// How many `process` spans there are; absent when there are none.
const BATON_PROCESS_SPANS: HeaderName = HeaderName::from_static("baton-process-spans");

/// The spans that the layer makes of one invocation, as two headers of its answer to `/next` tell it.
///
/// `Baton-Span` is the `traceparent` of the invocation span. `Baton-Process-Spans` is how many records of the event have a
/// `process` span: the first so many, in the order of [`Event::records`](crate::event::Event::records). The ids of those are
/// not sent. Both sides make them from the id of the invocation span and the index of the record, so that what a handler
/// does for one message stands under the span of that message, which another process makes.
///
/// ```
/// use baton_propagators::{BatonSpan, context::TraceContext};
///
/// // The layer, with an event of three messages:
/// let span = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None)?;
/// let made = BatonSpan::new(span, 3);
/// let mut headers = http::HeaderMap::new();
/// made.write(&mut headers);
/// assert_eq!(headers["baton-span"], "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
/// assert_eq!(headers["baton-process-spans"], "3");
///
/// // The wrapper:
/// let told = BatonSpan::read(&headers);
/// assert_eq!(told.as_ref(), Some(&made));
/// assert_eq!(made.process_span(0).map(|id| id.to_string()).as_deref(), Some("fe929f3ff488fe78"));
/// assert_eq!(made.process_span(3), None);
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatonSpan {
    invocation: TraceContext<'static>,
    process_spans: usize,
}

impl BatonSpan {
    /// The invocation span, and how many records have a `process` span of their own. That is none for a single message: the
    /// invocation span is its span.
    #[must_use]
    pub const fn new(invocation: TraceContext<'static>, process_spans: usize) -> Self {
        Self {
            invocation,
            process_spans,
        }
    }

    /// Reads the headers of an answer to `/next`. Without a valid `Baton-Span` there is no layer that makes spans.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name| headers.get(name)?.to_str().ok();
        let invocation = TraceContext::parse(text(BATON_SPAN)?, None).ok()?;
        let process_spans = text(BATON_PROCESS_SPANS).and_then(|count| count.parse().ok());
        Some(Self::new(invocation, process_spans.unwrap_or(0)))
    }

    /// Writes the headers, over those that are there.
    pub fn write(&self, headers: &mut HeaderMap) {
        headers.remove(BATON_PROCESS_SPANS);
        if self.process_spans > 0 {
            headers.insert(BATON_PROCESS_SPANS, self.process_spans.into());
        }
        // A `traceparent` is hexadecimal digits and dashes.
        if let Ok(value) = HeaderValue::from_str(self.invocation.traceparent().as_str()) {
            headers.insert(BATON_SPAN, value);
        }
    }

    /// The invocation span.
    #[must_use]
    pub const fn invocation(&self) -> &TraceContext<'static> {
        &self.invocation
    }

    /// How many records have a span of their own.
    #[must_use]
    pub const fn process_spans(&self) -> usize {
        self.process_spans
    }

    /// The id of the `process` span of the record at `index`: the first eight bytes of the SHA-256 of the invocation's trace
    /// id, its span id, and the index as eight bytes, highest first.
    #[must_use]
    pub fn process_span(&self, index: usize) -> Option<SpanId> {
        if index >= self.process_spans {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(self.invocation.trace_id().to_bytes());
        hash.update(self.invocation.span_id().to_bytes());
        hash.update(u64::try_from(index).ok()?.to_be_bytes());
        SpanId::new(*hash.finalize().first_chunk()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(values: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = values.iter();
        pairs
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn what_is_not_valid_is_not_there() {
        for (values, expected) in [
            (&[][..], None),
            (&[("baton-span", "")], None),
            (&[("baton-span", "00-0-0-00")], None),
            (&[("baton-process-spans", "3")], None),
            (&[("baton-span", SPAN)], Some(0)),
            (
                &[("baton-span", SPAN), ("baton-process-spans", "2")],
                Some(2),
            ),
            (
                &[("baton-span", SPAN), ("baton-process-spans", "-2")],
                Some(0),
            ),
            (
                &[("baton-span", SPAN), ("baton-process-spans", "é")],
                Some(0),
            ),
        ] {
            let found = BatonSpan::read(&headers(values));
            assert_eq!(
                found.map(|span| span.process_spans()),
                expected,
                "{values:?}"
            );
        }
    }

    #[test]
    fn old_headers_are_written_over() {
        let mut headers = headers(&[("baton-span", "x"), ("baton-process-spans", "9")]);
        let span = BatonSpan::new(TraceContext::parse(SPAN, None).unwrap(), 0);
        span.write(&mut headers);
        assert_eq!(BatonSpan::read(&headers), Some(span));
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn each_record_has_an_id_of_its_own() {
        let span = BatonSpan::new(TraceContext::parse(SPAN, None).unwrap(), 1000);
        let mut ids: Vec<_> = (0..1000)
            .map(|index| span.process_span(index).unwrap())
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 1000);
    }
}
