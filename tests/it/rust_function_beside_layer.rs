//! A Rust function with the wrapper, behind the layer's proxy: each span is made once, and each is where it belongs.

use std::collections::{BTreeSet, HashMap};
use std::fs;

use local_lambda::{Config, FunctionConfig, InvokeRequest, LocalLambda};
use opentelemetry::{SpanId, TraceId};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::binaries::binary;
use crate::harness::collector::{Collector, ids, links, text};
use crate::harness::deadline::eventually;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SENDER: &str = "00f067aa0ba902b7";

/// Mails to these addresses; each message has a context of its own.
fn event(emails: &[&str]) -> Value {
    let record = |(index, email): (usize, &&str)| {
        json!({
            "messageId": format!("m{index}"), "receiptHandle": "r", "awsRegion": "us-east-1",
            "body": json!({"order_id": "o", "user_id": "u", "email": email}).to_string(),
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1691582488541"},
            "messageAttributes": {"traceparent": {"dataType": "String", "stringValue": format!("00-{TRACE}-{SENDER}-01")}},
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:mails",
        })
    };
    json!({"Records": emails.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// The answer of the function, and so many spans.
async fn invoke(event: &Value, spans: usize) -> (String, Vec<Span>) {
    let opt = TempDir::new().unwrap();
    let extensions = opt.path().join("extensions");
    fs::create_dir(&extensions).unwrap();
    fs::copy(binary("baton-layer"), extensions.join("baton-layer")).unwrap();
    let wrapper = concat!(env!("CARGO_MANIFEST_DIR"), "/../lambda-layer/wrapper/baton");
    fs::copy(wrapper, opt.path().join("baton")).unwrap();

    let collector = Collector::start().await;
    let program = binary("checkout-notification").display().to_string();
    let mut function = FunctionConfig::new("notification", [program]);
    function.opt = Some(opt.path().to_owned());
    for (name, value) in [
        ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/baton"),
        ("BATON_EXPORT", collector.endpoint()),
        ("BATON_EXPORT_COMPRESSION", "none"),
        ("BATON_FLUSH", "end"),
    ] {
        function.env.insert(name.to_owned(), value.to_owned());
    }
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let invoked = lambda.function("notification").unwrap();
    let answer = invoked.invoke(InvokeRequest::new(event.to_string())).await;
    let answer = String::from_utf8(answer.unwrap().payload.into()).unwrap();
    // Once it has stopped, nothing more can come.
    lambda.shutdown().await;
    let received = eventually("the spans", || async {
        Some(collector.spans()).filter(|found| found.len() >= spans)
    });
    let received = received.await;
    // Init and the like are spans of the layer's too, which are not of interest here.
    let of_the_event =
        |span: &Span| span.kind() != SpanKind::Internal || !span.name.contains("init");
    (answer, received.into_iter().filter(of_the_event).collect())
}

fn parent(span: &Span) -> Option<SpanId> {
    let id = span.parent_span_id.as_slice().try_into().ok()?;
    Some(SpanId::from_bytes(id))
}

fn of_kind<'s>(spans: &'s [Span], kind: SpanKind, name: &str) -> Vec<&'s Span> {
    let found = spans
        .iter()
        .filter(|span| span.kind() == kind && span.name == name);
    found.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch() {
    let event = event(&["a@shop.example", "b@bounce.example", "c@shop.example"]);
    // The invocation; for each message a delivery, its handling, and the work.
    let (answer, spans) = invoke(&event, 1 + 3 * 3).await;
    assert_eq!(answer, r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#);

    let consumers = of_kind(&spans, SpanKind::Consumer, "process mails");
    let (messages, invocations): (Vec<&Span>, Vec<&Span>) = consumers
        .into_iter()
        .partition(|span| text(span, "messaging.message.id").is_some());
    assert_eq!((invocations.len(), messages.len()), (1, 3), "{spans:#?}");
    let (trace, invocation) = ids(invocations[0]);
    let sender = (
        TraceId::from_hex(TRACE).unwrap(),
        SpanId::from_hex(SENDER).unwrap(),
    );
    let mut by_id = HashMap::new();
    for message in messages {
        assert_eq!(parent(message), Some(invocation));
        assert_eq!(links(message), [sender]);
        by_id.insert(ids(message), text(message, "messaging.message.id").unwrap());
    }
    let handled = of_kind(&spans, SpanKind::Internal, "handle mails");
    let handled: HashMap<SpanId, &str> = handled
        .into_iter()
        .map(|span| (ids(span).1, by_id[&(trace, parent(span).unwrap())]))
        .collect();
    let work = of_kind(&spans, SpanKind::Internal, "notification.send_email");
    let worked: BTreeSet<_> = work
        .iter()
        .map(|span| handled[&parent(span).unwrap()])
        .collect();
    assert_eq!((handled.len(), work.len()), (3, 3));
    assert_eq!(worked, BTreeSet::from(["m0", "m1", "m2"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_that_fails() {
    let (answer, spans) = invoke(&event(&["b@bounce.example"]), 3).await;
    assert_eq!(answer, r#"{"batchItemFailures":[{"itemIdentifier":"m0"}]}"#);
    let invocations = of_kind(&spans, SpanKind::Consumer, "process mails");
    assert_eq!(invocations.len(), 1, "{spans:#?}");
    assert_eq!(
        invocations[0].trace_id,
        TraceId::from_hex(TRACE).unwrap().to_bytes()
    );
    assert_eq!(
        parent(invocations[0]),
        Some(SpanId::from_hex(SENDER).unwrap())
    );
    let handled = of_kind(&spans, SpanKind::Internal, "handle mails");
    assert_eq!(handled.len(), 1);
    assert_eq!(parent(handled[0]), Some(ids(invocations[0]).1));
    // The answer does not say why: only the function knows.
    let status = handled[0].status.as_ref().unwrap();
    assert_eq!(status.code(), StatusCode::Error);
    assert_eq!(status.message, "550 mailbox unavailable: b@bounce.example");
}
