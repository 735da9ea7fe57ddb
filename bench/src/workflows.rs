//! Checkouts of one day as OTLP requests: each sends a message to a second function, and five at a time share a batch that sends their mails.
//!
//! A checkout is a trace of nine spans. The batch is a trace of its own, with a span for each message that links to its sender. One mail in
//! fifty fails. All of it follows from the number of the checkout.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::Link;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;

use crate::requests::{attribute, mix, text};

/// 2026-09-21 14:13:20 UTC
pub(crate) const START_NS: u64 = 1_790_000_000_000_000_000;
pub(crate) const DAY_NS: u64 = 86_400_000_000_000;
/// A whole number of batches.
const CHECKOUTS: u64 = 45;
/// Nine and two for each checkout, and one for each batch.
pub(crate) const SPANS: u64 = CHECKOUTS * 11 + CHECKOUTS / 5;

const SERVER: i32 = 2;
pub(crate) const CLIENT: i32 = 3;
pub(crate) const PRODUCER: i32 = 4;
pub(crate) const CONSUMER: i32 = 5;

/// The `n`th of `all` requests, encoded.
pub(crate) fn request(n: u64, all: u64) -> Vec<u8> {
    let [mut orders, mut stock, mut mails] = [Vec::new(), Vec::new(), Vec::new()];
    for checkout in n * CHECKOUTS..(n + 1) * CHECKOUTS {
        let start_ns = START_NS + checkout * (DAY_NS / (all * CHECKOUTS));
        order(checkout, start_ns, &mut orders);
        reserve(checkout, start_ns, &mut stock);
        if checkout.is_multiple_of(5) {
            mails.push(batch(checkout, start_ns));
        }
        mail(checkout, start_ns, &mut mails);
    }
    let resource_spans = [
        ("order-api", orders),
        ("inventory", stock),
        ("mailer", mails),
    ]
    .map(|(service, spans)| of(service, spans))
    .into();
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// The trace of a checkout, as 32 hex digits.
pub(crate) fn trace_id_hex(checkout: u64) -> String {
    trace_id(checkout)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Traces of batches are numbered from here on.
const BATCHES: u64 = 1 << 41;

/// A span by numbers: milliseconds after a start.
pub(crate) struct Made {
    pub(crate) trace: u64,
    pub(crate) id: u64,
    pub(crate) parent: Option<u64>,
    pub(crate) at_ms: u64,
    pub(crate) took_ms: u64,
}

impl Made {
    pub(crate) fn span(
        &self,
        name: &str,
        kind: i32,
        start_ns: u64,
        attributes: Vec<KeyValue>,
    ) -> Span {
        let start_ns = start_ns + self.at_ms * 1_000_000;
        Span {
            trace_id: trace_id(self.trace),
            span_id: span_id(self.trace, self.id),
            parent_span_id: self
                .parent
                .map(|parent| span_id(self.trace, parent))
                .unwrap_or_default(),
            name: name.to_owned(),
            kind,
            start_time_unix_nano: start_ns,
            end_time_unix_nano: start_ns
                + self.took_ms * 1_000_000
                + mix(self.trace ^ self.id) % 1_000_000,
            attributes,
            ..Span::default()
        }
    }
}

fn order(n: u64, start_ns: u64, spans: &mut Vec<Span>) {
    let made = |id, parent, at_ms, took_ms| Made {
        trace: n,
        id,
        parent,
        at_ms,
        took_ms,
    };
    let request = vec![
        text("http.request.method", "POST"),
        text("http.route", "/checkout"),
        number(
            "http.response.status_code",
            if n.is_multiple_of(1_000) { 500 } else { 202 },
        ),
        text("server.address", "shop.example"),
        text("user.id", &format!("usr_{:05}", mix(n) % 100_000)),
        text("order.id", &format!("ord_{n:08x}")),
        text("faas.invocation_id", &format!("o-{n}")),
    ];
    spans.push(made(1, None, 0, 40).span("POST /checkout", SERVER, start_ns, request));
    spans.push(made(2, Some(1), 2, 6).span(
        "order.validate",
        1,
        start_ns,
        vec![text("order.id", &format!("ord_{n:08x}"))],
    ));
    spans.push(made(3, Some(1), 10, 12).span(
        "send orders",
        PRODUCER,
        start_ns,
        queue("send", "orders", n),
    ));
}

fn reserve(n: u64, start_ns: u64, spans: &mut Vec<Span>) {
    let made = |id, parent, at_ms, took_ms| Made {
        trace: n,
        id,
        parent: Some(parent),
        at_ms,
        took_ms,
    };
    let mut process = delivered("orders", n, start_ns + 15_000_000, "ok");
    process.extend([
        text("faas.invocation_id", &format!("i-{n}")),
        attribute("faas.coldstart", Value::BoolValue(n.is_multiple_of(500))),
    ]);
    spans.push(made(4, 3, 200, 90).span("process orders", CONSUMER, start_ns, process));
    for line in 0..3 {
        let select = statement("SELECT quantity FROM stock WHERE sku = ?");
        spans.push(made(5 + line, 4, 204 + line * 8, 5).span(
            "SELECT stock",
            CLIENT,
            start_ns,
            select,
        ));
    }
    spans.push(made(8, 4, 230, 9).span(
        "INSERT reservations",
        CLIENT,
        start_ns,
        statement("INSERT INTO reservations VALUES (?, ?)"),
    ));
    spans.push(made(9, 4, 245, 8).span(
        "send mails",
        PRODUCER,
        start_ns,
        queue("send", "mails", n),
    ));
}

fn batch(n: u64, start_ns: u64) -> Span {
    let mut attributes = queue("process", "mails", n);
    attributes.retain(|attribute| attribute.key != "messaging.message.id");
    attributes.extend([
        number("messaging.batch.message_count", 5),
        text("faas.invocation_id", &format!("b-{n}")),
    ]);
    Made {
        trace: BATCHES + n / 5,
        id: 1,
        parent: None,
        at_ms: 895,
        took_ms: 400,
    }
    .span("process mails", CONSUMER, start_ns, attributes)
}

fn mail(n: u64, start_ns: u64, spans: &mut Vec<Span>) {
    let made = |id, parent, at_ms, took_ms| Made {
        trace: BATCHES + n / 5,
        id,
        parent: Some(parent),
        at_ms,
        took_ms,
    };
    let fails = mix(n).is_multiple_of(50);
    let own = 2 + n % 5 * 2;
    let attributes = delivered(
        "mails",
        n,
        start_ns + 255_000_000,
        if fails { "failed" } else { "ok" },
    );
    let mut process = made(own, 1, 900, 30).span("process mails", CONSUMER, start_ns, attributes);
    process.links = vec![Link {
        trace_id: trace_id(n),
        span_id: span_id(n, 9),
        ..Link::default()
    }];
    let mut post = made(own + 1, own, 902, 25).span(
        "POST",
        CLIENT,
        start_ns,
        vec![
            text("http.request.method", "POST"),
            text("server.address", "mail.example"),
        ],
    );
    if fails {
        let status = Status {
            code: 2,
            message: "550 mailbox unavailable".to_owned(),
        };
        process.status = Some(status.clone());
        post.status = Some(status);
    }
    spans.extend([process, post]);
}

pub(crate) fn of(service: &str, spans: Vec<Span>) -> ResourceSpans {
    let resource = Resource {
        attributes: vec![
            text("service.name", service),
            text("cloud.region", "eu-central-1"),
        ],
        ..Resource::default()
    };
    ResourceSpans {
        resource: Some(resource),
        scope_spans: vec![ScopeSpans {
            spans,
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    }
}

pub(crate) fn queue(operation: &str, queue: &str, n: u64) -> Vec<KeyValue> {
    vec![
        text("messaging.system", "aws_sqs"),
        text("messaging.operation.type", operation),
        text("messaging.destination.name", queue),
        text("messaging.message.id", &format!("{queue}-{n}")),
    ]
}

pub(crate) fn delivered(name: &str, n: u64, sent_ns: u64, outcome: &str) -> Vec<KeyValue> {
    let mut attributes = queue("process", name, n);
    attributes.extend([
        number("baton.sent_time_ms", sent_ns / 1_000_000),
        number("baton.receive_count", 1),
        text("baton.outcome", outcome),
    ]);
    attributes
}

pub(crate) fn statement(sql: &str) -> Vec<KeyValue> {
    vec![
        text("db.system.name", "postgresql"),
        text("db.query.text", sql),
        text("server.address", "db.internal"),
    ]
}

fn number(key: &str, value: u64) -> KeyValue {
    attribute(
        key,
        Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)),
    )
}

pub(crate) fn trace_id(trace: u64) -> Vec<u8> {
    [mix(trace).to_be_bytes(), mix(!trace).to_be_bytes()].concat()
}

pub(crate) fn span_id(trace: u64, id: u64) -> Vec<u8> {
    mix(mix(trace).wrapping_add(id)).to_be_bytes().to_vec()
}
