//! `TraceLayer` and its wrappers in a real runtime: the result stays the same, the spans tell what happened.

mod batch;
mod beside_the_extension;
mod bridge;
mod handed_on;
mod http;
mod one_message;
mod records;
mod results;

use std::fs;

use expect_test::Expect;
use serde_json::Value;

use crate::runtime_api::{Call, Event, invoke};

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn event(body: &Value) -> Event {
    Event {
        body: body.to_string(),
        trace_id: None,
        headers: Vec::new(),
    }
}

fn request(path: &str) -> Event {
    let mut body = fixture("function-url");
    body["rawPath"] = path.into();
    event(&body)
}

/// The first so many messages of the batch.
fn messages(count: usize) -> Value {
    let mut batch = fixture("sqs-batch");
    batch["Records"].as_array_mut().unwrap().truncate(count);
    batch
}

/// What every span of these tests says about the function and the system; one test shows it.
const SHARED: [&str; 5] = [
    "  faas.",
    "  aws.",
    "  cloud.",
    "  messaging.operation.",
    "  messaging.system",
];

/// The response or error, and the spans, of the one event.
#[track_caller]
fn check_all(calls: &[Call], expected: &Expect) {
    // The order is the promise: answered first, flushed before the next event is asked for.
    let [Call::Next, answer, Call::Spans(spans), Call::Next] = calls else {
        panic!("unexpected order: {calls:#?}");
    };
    expected.assert_eq(&format!("{answer:?}\n{spans}"));
}

/// The same without the attributes that are always there.
#[track_caller]
fn check(calls: &[Call], expected: &Expect) {
    let calls: Vec<Call> = calls.iter().map(without_shared).collect();
    check_all(&calls, expected);
}

fn without_shared(call: &Call) -> Call {
    let Call::Spans(spans) = call else {
        return call.clone();
    };
    let own = |line: &&str| !SHARED.iter().any(|shared| line.starts_with(shared));
    Call::Spans(
        spans
            .lines()
            .filter(own)
            .flat_map(|line| [line, "\n"])
            .collect(),
    )
}

/// A collector that is gone costs spans, and no invocation.
#[tokio::test]
async fn a_bad_flush_stops_nothing() {
    let events = vec![request("/busy"); 3];
    let plain = invoke("function::http_plain", &events).await;
    for program in ["flush_that_blocks", "flush_that_hangs", "flush_that_panics"] {
        let calls = invoke(&format!("function::{program}"), &events).await;
        assert_eq!(calls, plain, "{program}");
    }
}

#[tokio::test]
async fn only_the_first_invocation_is_cold() {
    let calls = invoke(
        "function::http_traced",
        &[request("/busy"), request("/busy")],
    )
    .await;
    let cold = calls.iter().filter_map(|call| match call {
        Call::Spans(spans) => Some(spans.contains("faas.coldstart = true")),
        _ => None,
    });
    assert_eq!(cold.collect::<Vec<_>>(), [true, false]);
}
