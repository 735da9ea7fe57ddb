//! One large workflow as an OTLP request.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::Link;
use prost::Message;

use crate::workflows::{
    CLIENT, CONSUMER, DAY_NS, Made, PRODUCER, START_NS, delivered, of, queue, span_id, statement,
    trace_id,
};

/// Its first trace; the others follow.
pub(crate) const FAN_OUT: u64 = 1 << 40;

/// One workflow of 10,000 spans: an import sends 99 messages, each of which is processed in a trace of its own, with 99 statements.
pub(crate) fn fan_out() -> Vec<u8> {
    let start_ns = START_NS + DAY_NS / 2;
    let import = Made {
        trace: FAN_OUT,
        id: 1,
        parent: None,
        at_ms: 0,
        took_ms: 2_000,
    };
    let (mut sends, mut parts) = (
        vec![import.span("import", 1, start_ns, Vec::new())],
        Vec::new(),
    );
    for n in 1..=99 {
        let send = Made {
            trace: FAN_OUT,
            id: 1 + n,
            parent: Some(1),
            at_ms: 10 + n * 20,
            took_ms: 10,
        };
        sends.push(send.span("send parts", PRODUCER, start_ns, queue("send", "parts", n)));
        parts.extend(part(n, start_ns));
    }
    ExportTraceServiceRequest {
        resource_spans: vec![of("importer", sends), of("worker", parts)],
    }
    .encode_to_vec()
}

/// The message is processed, statement by statement.
fn part(n: u64, start_ns: u64) -> Vec<Span> {
    let made = |id, parent, at_ms, took_ms| Made {
        trace: FAN_OUT + n,
        id,
        parent,
        at_ms,
        took_ms,
    };
    let message = delivered("parts", n, start_ns + (20 + n * 20) * 1_000_000, "ok");
    let mut process =
        made(1, None, 500 + n * 30, 1_000).span("process parts", CONSUMER, start_ns, message);
    process.links = vec![Link {
        trace_id: trace_id(FAN_OUT),
        span_id: span_id(FAN_OUT, 1 + n),
        ..Link::default()
    }];
    let insert = |m: u64| {
        let sql = format!("INSERT INTO part_{m} VALUES (?)");
        made(2 + m, Some(1), 505 + n * 30 + m * 10, 8).span(
            "INSERT",
            CLIENT,
            start_ns,
            statement(&sql),
        )
    };
    std::iter::once(process)
        .chain((0..99).map(insert))
        .collect()
}
