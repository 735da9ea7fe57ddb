//! OTLP requests as services send them: 512 spans of about 400 bytes, ten attributes each, traces of seven spans, a resource of six
//! attributes, an event on every tenth span and a link on every twentieth. All of it follows from the number of the request.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, InstrumentationScope, KeyValue, any_value::Value,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;

/// Spans in one request.
pub(crate) const SPANS: usize = 512;
const SPANS_PER_TRACE: u64 = 7;
const START_NS: u64 = 1_790_000_000_000_000_000;

/// The `n`th request, encoded. All ids of all requests differ.
pub(crate) fn request(n: u64) -> Vec<u8> {
    let first = n * SPANS as u64;
    let spans = (first..first + SPANS as u64).map(span).collect();
    let services = [
        "order-api",
        "inventory",
        "payment",
        "shipping",
        "notification",
    ];
    let service = services
        .into_iter()
        .cycle()
        .nth(usize::try_from(n % 5).unwrap_or(0));
    let resource = Resource {
        attributes: vec![
            text("service.name", service.unwrap_or_default()),
            text("service.version", "1.4.2"),
            text("cloud.region", "eu-central-1"),
            text(
                "host.name",
                &format!("ip-10-0-{}-{}.internal", n % 4, n % 7),
            ),
            text("telemetry.sdk.language", "rust"),
            text("telemetry.sdk.version", "0.33.1"),
        ],
        ..Resource::default()
    };
    let scope = InstrumentationScope {
        name: "checkout.http".to_owned(),
        version: "2.1.0".to_owned(),
        ..InstrumentationScope::default()
    };
    let scope_spans = vec![ScopeSpans {
        scope: Some(scope),
        spans,
        ..ScopeSpans::default()
    }];
    let resource_spans = vec![ResourceSpans {
        resource: Some(resource),
        scope_spans,
        ..ResourceSpans::default()
    }];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

fn span(n: u64) -> Span {
    let start = start_ns(n);
    let parent = (!n.is_multiple_of(SPANS_PER_TRACE)).then(|| span_id(n - n % SPANS_PER_TRACE));
    Span {
        trace_id: trace_id(n),
        span_id: span_id(n).to_vec(),
        parent_span_id: parent.map(Vec::from).unwrap_or_default(),
        flags: 0x101,
        name: format!("checkout.step_{}", n % 20),
        kind: i32::try_from(n % 5).unwrap_or(0) + 1,
        start_time_unix_nano: start,
        end_time_unix_nano: start + 1_000_000 + mix(n) % 50_000_000,
        attributes: attributes(n),
        events: n
            .is_multiple_of(10)
            .then(|| event(start))
            .into_iter()
            .collect(),
        links: n.is_multiple_of(20).then(|| link(n)).into_iter().collect(),
        ..Span::default()
    }
}

fn event(start: u64) -> Event {
    Event {
        time_unix_nano: start + 500_000,
        name: "retry".to_owned(),
        attributes: vec![
            text("reason", "connection reset by peer"),
            attribute("attempt", Value::IntValue(2)),
        ],
        ..Event::default()
    }
}

fn link(n: u64) -> Link {
    Link {
        trace_id: trace_id(n + 1_000_000_007),
        span_id: span_id(n + 1_000_000_007).to_vec(),
        ..Link::default()
    }
}

fn attributes(n: u64) -> Vec<KeyValue> {
    let number = |key: &str, value: u64| {
        attribute(
            key,
            Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)),
        )
    };
    vec![
        text("http.request.method", "POST"),
        text("http.route", "/api/v1/orders/{id}"),
        number(
            "http.response.status_code",
            if n.is_multiple_of(50) { 500 } else { 200 },
        ),
        text("user.id", &format!("usr_{:05}", mix(n) % 100_000)),
        text("order.id", &order_id(n)),
        text("server.address", "orders.internal.example"),
        number("server.port", 8443),
        text("messaging.system", "aws_sqs"),
        text("messaging.destination.name", "orders"),
        attribute("cache.hit", Value::BoolValue(n.is_multiple_of(3))),
    ]
}

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

pub(crate) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

pub(crate) fn start_ns(n: u64) -> u64 {
    START_NS + n * 50_000
}

pub(crate) fn order_id(n: u64) -> String {
    format!("ord_{:016x}", mix(n ^ 0x5555))
}

pub(crate) fn trace_id(n: u64) -> Vec<u8> {
    let trace = n / SPANS_PER_TRACE;
    [mix(trace).to_be_bytes(), mix(!trace).to_be_bytes()].concat()
}

pub(crate) fn span_id(n: u64) -> [u8; 8] {
    mix(n.wrapping_add(1)).to_be_bytes()
}

/// SplitMix64: spreads consecutive numbers over all 64 bits, without repeats.
pub(crate) fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
