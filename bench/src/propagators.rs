//! Reading and writing trace context, in nanoseconds.

use std::hint::black_box;
use std::time::Instant;

use baton_propagators::context::TraceContext;
use baton_propagators::event::Event;
use serde_json::json;

use crate::figures::Figures;

const RUNS: usize = 9;
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

pub(crate) fn measure() -> Figures {
    let mut figures = Figures::default();
    let parse = || drop(black_box(TraceContext::parse(black_box(TRACEPARENT), None)));
    figures.add("parse_traceparent_ns", time(200_000, parse), None);
    for (metric, messages, rounds) in [("read_sqs_1_ns", 1, 20_000), ("read_sqs_10_ns", 10, 4_000)]
    {
        let event = sqs_event(messages);
        let read = || {
            let event = Event::parse(black_box(&event));
            black_box(event.relation());
        };
        figures.add(metric, time(rounds, read), None);
    }
    figures
}

/// Nanoseconds a call, in each of the runs.
fn time(rounds: u32, mut work: impl FnMut()) -> Vec<f64> {
    let mut run = || {
        let started = Instant::now();
        (0..rounds).for_each(|_| work());
        started.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
    };
    // The first run warms up.
    run();
    (0..RUNS).map(|_| run()).collect()
}

/// An SQS event with bodies of 1 KiB and a context on each message.
fn sqs_event(messages: usize) -> Vec<u8> {
    let record = |n: usize| {
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-66197540{n:04}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": "x".repeat(1024),
            "attributes": {
                "ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183", "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1545082649185"
            },
            "messageAttributes": {
                "traceparent": { "stringValue": TRACEPARENT, "stringListValues": [], "binaryListValues": [], "dataType": "String" }
            },
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders", "awsRegion": "us-east-1"
        })
    };
    json!({ "Records": (0..messages).map(record).collect::<Vec<_>>() })
        .to_string()
        .into_bytes()
}
