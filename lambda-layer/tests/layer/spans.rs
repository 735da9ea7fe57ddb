//! Requests as an SDK encodes them.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::receiver::Receiver;

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

/// Every span that was received.
pub(crate) fn spans(receiver: &Receiver) -> Vec<Span> {
    let bodies = receiver.received().into_iter().map(|request| request.plain);
    let requests = bodies.map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
    let scopes = requests
        .flat_map(|it| it.resource_spans)
        .flat_map(|it| it.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// An attribute as text.
pub(crate) fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|it| it.key == key)?;
    Some(match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::DoubleValue(number) => number.to_string(),
        Value::BoolValue(is) => is.to_string(),
        other => format!("{other:?}"),
    })
}

/// The spans in a body.
pub(crate) fn count(body: &[u8]) -> u64 {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = request.resource_spans.iter().flat_map(|r| &r.scope_spans);
    scopes.map(|scope| scope.spans.len() as u64).sum()
}
