//! The walk against `opentelemetry-proto`, which others wrote: both take the same bytes and refuse the same bytes.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList, any_value::Value,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;

use super::*;

fn attribute(value: Value) -> KeyValue {
    KeyValue {
        key: "clé".to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        key_strindex: 7,
    }
}

fn attributes() -> Vec<KeyValue> {
    let list = KeyValueList {
        values: vec![attribute(Value::BoolValue(true))],
    };
    let array = ArrayValue {
        values: vec![AnyValue {
            value: Some(Value::KvlistValue(list)),
        }],
    };
    vec![
        attribute(Value::StringValue("v".to_owned())),
        attribute(Value::IntValue(-1)),
        attribute(Value::DoubleValue(0.5)),
        attribute(Value::ArrayValue(array)),
        attribute(Value::BytesValue(vec![0xff])),
        attribute(Value::StringValueStrindex(3)),
    ]
}

fn full_span() -> Span {
    Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        trace_state: "a=b".to_owned(),
        parent_span_id: vec![3; 8],
        flags: 0x301,
        name: "reserve".to_owned(),
        kind: 5,
        start_time_unix_nano: u64::MAX,
        end_time_unix_nano: 1,
        attributes: attributes(),
        dropped_attributes_count: 1,
        events: vec![Event {
            time_unix_nano: 1,
            name: "e".to_owned(),
            attributes: attributes(),
            dropped_attributes_count: 1,
        }],
        dropped_events_count: 1,
        links: vec![Link {
            trace_id: vec![1; 16],
            span_id: vec![2; 8],
            trace_state: "c=d".to_owned(),
            attributes: attributes(),
            dropped_attributes_count: 1,
            flags: 1,
        }],
        dropped_links_count: 1,
        status: Some(Status {
            message: "no".to_owned(),
            code: 2,
        }),
    }
}

fn full_request() -> Vec<u8> {
    let scope_spans = ScopeSpans {
        scope: Some(InstrumentationScope {
            name: "s".to_owned(),
            version: "1".to_owned(),
            attributes: attributes(),
            dropped_attributes_count: 1,
        }),
        spans: vec![full_span(), Span::default()],
        schema_url: "u".to_owned(),
    };
    let resource = Resource {
        attributes: attributes(),
        dropped_attributes_count: 1,
        entity_refs: vec![EntityRef {
            schema_url: "u".to_owned(),
            r#type: "t".to_owned(),
            id_keys: vec!["i".to_owned()],
            description_keys: vec!["d".to_owned()],
        }],
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![scope_spans],
            schema_url: "u".to_owned(),
        }],
    }
    .encode_to_vec()
}

#[track_caller]
fn agree(body: &[u8]) {
    let decoded = ExportTraceServiceRequest::decode(body);
    let walked = count_items(Signal::Traces, body);
    let expected = decoded.as_ref().ok().map(|request| {
        let scopes = request.resource_spans.iter().flat_map(|r| &r.scope_spans);
        scopes.map(|s| s.spans.len() as u64).sum::<u64>()
    });
    assert_eq!(
        walked.as_ref().ok(),
        expected.as_ref(),
        "walk {walked:?}, decode {:?}, {body:02x?}",
        decoded.err()
    );
}

#[test]
fn counts_what_decoding_counts() {
    let request = full_request();
    assert_eq!(count_items(Signal::Traces, &request), Ok(2));
    agree(&request);
    // Requests written one after the other are one request: merging relies on it.
    let merged = [request.as_slice(), &request, &request].concat();
    assert_eq!(count_items(Signal::Traces, &merged), Ok(6));
    agree(&merged);
}

#[test]
fn every_cut_and_every_flipped_byte_is_judged_alike() {
    let request = full_request();
    for end in 0..request.len() {
        agree(&request[..end]);
    }
    for at in 0..request.len() {
        for flip in [0x01, 0x02, 0x04, 0x07, 0x08, 0x80, 0xff] {
            let mut altered = request.clone();
            altered[at] ^= flip;
            agree(&altered);
        }
    }
}

#[test]
fn garbage_is_judged_alike() {
    // xorshift: the same bytes in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20_000 {
        let mut body = Vec::new();
        for _ in 0..(state % 24) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Mostly small numbers: they make keys and lengths that exist.
            body.push(state.to_le_bytes()[3] & if state & 1 == 0 { 0x1f } else { 0xff });
        }
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        agree(&body);
    }
}

#[test]
fn nesting_is_bounded() {
    let mut value = AnyValue { value: None };
    for _ in 0..200 {
        value = AnyValue {
            value: Some(Value::ArrayValue(ArrayValue {
                values: vec![value],
            })),
        };
    }
    let resource = Resource {
        attributes: vec![KeyValue {
            value: Some(value),
            ..KeyValue::default()
        }],
        ..Resource::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            ..ResourceSpans::default()
        }],
    };
    let body = request.encode_to_vec();
    assert_eq!(count_items(Signal::Traces, &body), Err(Malformed::TooDeep));
    agree(&body);
}

#[test]
fn log_records_and_data_points() {
    // ResourceLogs { ScopeLogs { LogRecord, LogRecord } }
    let logs = [0x0a, 6, 0x12, 4, 0x12, 0, 0x12, 0];
    assert_eq!(count_items(Signal::Logs, &logs), Ok(2));
    // ResourceMetrics { ScopeMetrics { Metric { sum { point } }, Metric { gauge { point } } } }
    let metrics = [
        0x0a, 14, 0x12, 12, 0x12, 4, 0x3a, 2, 0x0a, 0, 0x12, 4, 0x2a, 2, 0x0a, 0,
    ];
    assert_eq!(count_items(Signal::Metrics, &metrics), Ok(2));
}
