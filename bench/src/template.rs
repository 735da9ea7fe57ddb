//! Requests at the price of a copy: what differs from one request to the next is written over in place.

use anyhow::{Context, Result};

use crate::requests::{SPANS, order_id, request, span_id, start_ns, trace_id};

/// A request and the places of what differs. Requests made of it equal [`request`] in size, not in every value: the ids, the orders
/// and the times are those of the request that was asked for, everything else is that of the template.
pub(crate) struct Template {
    body: Vec<u8>,
    first: u64,
    spans: Vec<Places>,
}

struct Places {
    trace_id: usize,
    span_id: usize,
    parent: Option<usize>,
    times: [usize; 2],
    order: usize,
}

impl Template {
    /// Of the `n`th request.
    pub(crate) fn of(n: u64) -> Result<Self> {
        let body = request(n);
        let first = n * SPANS as u64;
        let mut cursor = Cursor { body: &body, at: 0 };
        let spans = (first..first + SPANS as u64)
            .map(|n| cursor.span(n))
            .collect::<Result<_>>()?;
        Ok(Self { body, first, spans })
    }

    /// As many spans as the template has, numbered like those of the `n`th request. For the traces of both to lie alike, `n` and the
    /// template differ by a multiple of seven.
    pub(crate) fn request(&self, n: u64) -> Vec<u8> {
        let mut body = self.body.clone();
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(place) = body.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        };
        let first = n * SPANS as u64;
        for (n, places) in (first..).zip(&self.spans) {
            put(places.trace_id, &trace_id(n));
            put(places.span_id, &span_id(n));
            if let Some(parent) = places.parent {
                put(parent, &span_id(parent_of(n)));
            }
            let start = start_ns(n);
            let [start_at, end_at] = places.times;
            put(start_at, &start.to_le_bytes());
            put(
                end_at,
                &(start + 1_000_000 + u64::from(span_id(n)[7]) * 100_000).to_le_bytes(),
            );
            put(places.order, order_id(n).as_bytes());
        }
        body
    }

    /// A request that lies like this one.
    pub(crate) fn lies_like(&self, n: u64) -> bool {
        (n * SPANS as u64).abs_diff(self.first).is_multiple_of(7)
    }
}

fn parent_of(n: u64) -> u64 {
    n - n % 7
}

struct Cursor<'a> {
    body: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// In the order of the fields on the wire.
    fn span(&mut self, n: u64) -> Result<Places> {
        let trace_id = self.find(&trace_id(n))?;
        let span_id_at = self.find(&span_id(n))?;
        let parent = (!n.is_multiple_of(7)).then(|| self.find(&span_id(parent_of(n))));
        let start = self.find(&start_ns(n).to_le_bytes())?;
        // A tag of one byte, then the end.
        let times = [start, start + 9];
        Ok(Places {
            trace_id,
            span_id: span_id_at,
            parent: parent.transpose()?,
            times,
            order: self.find(order_id(n).as_bytes())?,
        })
    }

    fn find(&mut self, part: &[u8]) -> Result<usize> {
        let rest = self.body.get(self.at..).unwrap_or_default();
        let found = rest.windows(part.len()).position(|window| window == part);
        let at = self.at + found.context("a part of the request is not where it is expected")?;
        self.at = at + part.len();
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;

    #[test]
    fn a_request_of_a_template_has_the_ids_of_the_real_one() {
        let template = Template::of(3).unwrap();
        assert!(template.lies_like(10) && !template.lies_like(11));
        assert_eq!(template.request(3).len(), request(3).len());
        let decode = |body: Vec<u8>| {
            let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
            let spans = request.resource_spans[0].scope_spans[0].spans.clone();
            spans.into_iter().map(|span| {
                (
                    span.trace_id,
                    span.span_id,
                    span.parent_span_id,
                    span.start_time_unix_nano,
                )
            })
        };
        assert!(decode(template.request(10)).eq(decode(request(10))));
    }
}
