//! Requests as an SDK encodes them.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// A request of `spans` spans, each with an id that no other has.
pub(crate) fn request(spans: u64) -> Vec<u8> {
    sized_request(spans, 4)
}

/// The same, with names of `name_bytes` bytes.
pub(crate) fn sized_request(spans: u64, name_bytes: usize) -> Vec<u8> {
    static NEXT_ID: AtomicU64 = AtomicU64::new(1);
    let span = |_| Span {
        trace_id: vec![7; 16],
        span_id: NEXT_ID.fetch_add(1, Ordering::Relaxed).to_be_bytes().into(),
        name: "n".repeat(name_bytes),
        ..Span::default()
    };
    let scope_spans = ScopeSpans {
        spans: (0..spans).map(span).collect(),
        ..ScopeSpans::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![scope_spans],
            ..ResourceSpans::default()
        }],
    };
    request.encode_to_vec()
}

/// The spans in a body.
pub(crate) fn count(body: &[u8]) -> u64 {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = request.resource_spans.iter().flat_map(|r| &r.scope_spans);
    scopes.map(|scope| scope.spans.len() as u64).sum()
}
