//! With Baton's extension in front: it makes the invocation span and those of the messages, and they are not made twice.

use expect_test::{Expect, expect};
use serde_json::Value;

use super::{check, event, messages, request};
use crate::runtime_api::{Call, Event, invoke};

const SPAN: (&str, &str) = (
    "baton-span",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01",
);

fn told(event: Event, process_spans: Option<&'static str>) -> Event {
    let count = process_spans.map(|count| ("baton-process-spans", count));
    Event {
        headers: count.into_iter().chain([SPAN]).collect(),
        ..event
    }
}

/// The same result as without, and these spans.
async fn run(program: &str, body: &Value, process_spans: Option<&'static str>, expected: &Expect) {
    let calls = invoke(program, &[told(event(body), process_spans)]).await;
    let without = invoke(program, &[event(body)]).await;
    assert_eq!(calls[1], without[1]);
    check(&calls, expected);
}

#[tokio::test]
async fn an_http_request() {
    check(
        &invoke("function::http_traced", &[told(request("/checkout"), None)]).await,
        &expect![[r#"
            Response("{\"body\":\"created\",\"statusCode\":201}")
            business: Internal "order.create" in 4bf92f3577b34da6a3ce929d0e0e4736 53995c3f42cd8ad8
              state congo=t61rcWkgMzE
        "#]],
    );
}

/// The extension sees the status, the error, and the panic as an error.
#[tokio::test]
async fn results_leave_no_span() {
    for path in ["/busy", "/error", "/panic"] {
        let calls = invoke("function::http_traced", &[told(request(path), None)]).await;
        let [_, with, Call::Spans(spans), _] = calls.as_slice() else {
            panic!("{calls:#?}")
        };
        assert_eq!(spans, "", "{path}");
        let without = invoke("function::http_traced", &[request(path)]).await;
        assert_eq!(with, &without[1]);
    }
}

/// The response says that it failed, and not why: what the handler did has a span that tells.
#[tokio::test]
async fn one_message_that_fails() {
    let mut body = messages(1);
    body["Records"][0]["body"] = "bad".into();
    run(
        "function::each_message_alone",
        &body,
        None,
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"11111111-0000-0000-0000-000000000001\"}]}")
            business: Internal "order.store" in "handle orders"
              state congo=t61rcWkgMzE
            shop: Internal "handle orders" in 4bf92f3577b34da6a3ce929d0e0e4736 53995c3f42cd8ad8
              state congo=t61rcWkgMzE
              error.type = _OTHER
              baton.outcome = failed
              event exception exception.type="_OTHER" exception.message="no such order"
              Error { description: "no such order" }
        "#]],
    )
    .await;
}

/// Each under the span that the extension makes of it: the ids are those of `BatonSpan::process_span`.
#[tokio::test]
async fn each_message_of_a_batch() {
    run(
        "function::each_message_alone",
        &messages(3),
        Some("3"),
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"22222222-0000-0000-0000-000000000002\"},{\"itemIdentifier\":\"33333333-0000-0000-0000-000000000003\"}]}")
            business: Internal "order.store" in "handle orders"
            shop: Internal "handle orders" in 4bf92f3577b34da6a3ce929d0e0e4736 c12c02443a86d304
              baton.outcome = ok
            business: Internal "order.store" in "handle orders"
            shop: Internal "handle orders" in 4bf92f3577b34da6a3ce929d0e0e4736 6e43fcbc5af8f933
              error.type = _OTHER
              baton.outcome = failed
              event exception exception.type="_OTHER" exception.message="no such order"
              Error { description: "no such order" }
            business: Internal "order.store" in "handle orders"
            shop: Internal "handle orders" in 4bf92f3577b34da6a3ce929d0e0e4736 b4c61b2146636d4a
              error.type = panic
              baton.outcome = failed
              event exception exception.type="panic" exception.message="panicked: cannot happen"
              Error { description: "panicked: cannot happen" }
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_batch_handler_of_its_own() {
    run(
        "function::batch_traced",
        &messages(3),
        Some("3"),
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"22222222-0000-0000-0000-000000000002\"}]}")
            business: Internal "order.store" in 4bf92f3577b34da6a3ce929d0e0e4736 c12c02443a86d304
        "#]],
    )
    .await;
}

/// An extension that makes no spans of messages leaves them to the wrapper.
#[tokio::test]
async fn messages_without_a_span() {
    run(
        "function::batch_traced",
        &messages(3),
        None,
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"22222222-0000-0000-0000-000000000002\"}]}")
            business: Internal "order.store" in "process orders" of 11111111
            shop: Consumer "process orders" in 4bf92f3577b34da6a3ce929d0e0e4736 53995c3f42cd8ad8
              link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              baton.outcome = ok
            shop: Consumer "process orders" in 4bf92f3577b34da6a3ce929d0e0e4736 53995c3f42cd8ad8
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
              error.type = _OTHER
              baton.outcome = failed
              Error { description: "the response lists it in `batchItemFailures`" }
            shop: Consumer "process orders" in 4bf92f3577b34da6a3ce929d0e0e4736 53995c3f42cd8ad8
              messaging.destination.name = orders
              messaging.message.id = 33333333-0000-0000-0000-000000000003
              baton.sent_time_ms = 1691582488600
              baton.first_receive_time_ms = 1691582488700
              baton.receive_count = 1
              baton.outcome = ok
        "#]],
    )
    .await;
}

/// Of another reading of the event nobody knows which span is whose.
#[tokio::test]
async fn another_count_of_messages() {
    run(
        "function::batch_traced",
        &messages(3),
        Some("2"),
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"22222222-0000-0000-0000-000000000002\"}]}")
            business: Internal "order.store" in 4bf92f3577b34da6a3ce929d0e0e4736 53995c3f42cd8ad8
        "#]],
    )
    .await;
}
