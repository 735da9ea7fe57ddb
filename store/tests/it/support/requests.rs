//! OTLP requests.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;

pub(crate) const PROTOBUF: &str = "application/x-protobuf";

pub(crate) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

pub(crate) fn text(value: &str) -> Value {
    Value::StringValue(value.into())
}

/// A span whose ids are made from a number.
pub(crate) fn span(number: u64) -> Span {
    Span {
        trace_id: u128::from(number + 1).to_be_bytes().to_vec(),
        span_id: (number + 1).to_be_bytes().to_vec(),
        name: format!("work {number}"),
        kind: 1,
        start_time_unix_nano: 1_700_000_000_000_000_000,
        end_time_unix_nano: 1_700_000_000_000_000_500,
        attributes: vec![attribute("order.id", text(&number.to_string()))],
        ..Span::default()
    }
}

pub(crate) fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let resource = Resource {
        attributes: vec![attribute("service.name", text("shop"))],
        ..Resource::default()
    };
    let scope_spans = vec![ScopeSpans {
        spans,
        ..ScopeSpans::default()
    }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans,
            ..ResourceSpans::default()
        }],
    }
}

pub(crate) fn body(numbers: std::ops::Range<u64>) -> Vec<u8> {
    request(numbers.map(span).collect()).encode_to_vec()
}

/// Rejected count and message of an answer.
#[track_caller]
pub(crate) fn partial_success(body: &[u8]) -> (i64, String) {
    let response = ExportTraceServiceResponse::decode(body).unwrap();
    response
        .partial_success
        .map(|partial| (partial.rejected_spans, partial.error_message))
        .unwrap_or_default()
}
