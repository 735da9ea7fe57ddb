use aws_sdk_sqs::{
    primitives::Blob,
    types::{MessageAttributeValue, MessageSystemAttributeName as System},
};

use opentelemetry::{baggage::BaggageExt, trace::TraceContextExt};

use super::*;
use crate::format::Extra;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNDECIDED: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
const DECIDED: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

fn message(parent: Option<MessageAttributeValue>, system: &[(System, &str)]) -> Message {
    let mut message = Message::builder()
        .message_id("m1")
        .body("{\"a\": \"\u{1}é\"}");
    if let Some(parent) = parent {
        message = message.message_attributes("traceparent", parent);
    }
    for (name, value) in system {
        message = message.attributes(name.clone(), *value);
    }
    message.build()
}

fn text() -> MessageAttributeValue {
    let value = MessageAttributeValue::builder().data_type("String");
    value.string_value(PARENT).build().unwrap()
}

#[track_caller]
fn check(message: &Message, parent: &str, links: &[&str]) {
    let (span, context) = process_span(message, "orders");
    let found = context.span().span_context().trace_id().to_string();
    let linked = span.links.iter().flatten();
    assert_eq!(found, parent);
    let linked: Vec<_> = linked
        .map(|link| link.span_context.trace_id().to_string())
        .collect();
    assert_eq!(linked, links);
}

const ROOT: &str = "00000000000000000000000000000000";
const W3C: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const X_RAY: &str = "5759e988bd862e3fe1be46a994272793";

#[test]
fn parent_or_link() {
    let raw = MessageAttributeValue::builder().data_type("Binary");
    let raw = raw.binary_value(Blob::new(PARENT)).build().unwrap();
    let dead = (
        System::DeadLetterQueueSourceArn,
        "arn:aws:sqs:us-east-1:1:orders",
    );

    check(&message(None, &[]), ROOT, &[]);
    check(&message(Some(text()), &[]), W3C, &[]);
    check(&message(Some(raw), &[]), W3C, &[]);
    check(
        &message(Some(text()), &[(System::ApproximateReceiveCount, "3")]),
        W3C,
        &[],
    );
    check(&message(Some(text()), &[dead]), ROOT, &[W3C]);
    check(
        &message(None, &[(System::AwsTraceHeader, DECIDED)]),
        X_RAY,
        &[],
    );
    check(
        &message(None, &[(System::AwsTraceHeader, UNDECIDED)]),
        ROOT,
        &[X_RAY],
    );
}

#[test]
fn the_span_says_what_is_known() {
    let system = [
        (System::SentTimestamp, "1691582488541"),
        (System::ApproximateFirstReceiveTimestamp, "1691582488551"),
        (System::ApproximateReceiveCount, "2"),
        (
            System::DeadLetterQueueSourceArn,
            "arn:aws:sqs:us-east-1:1:orders",
        ),
    ];
    let (span, _) = process_span(&message(Some(text()), &system), "orders-dead");
    assert_eq!(span.name, "process orders-dead");
    assert_eq!(span.span_kind, Some(SpanKind::Consumer));
    let mut told: Vec<_> = span
        .attributes
        .iter()
        .flatten()
        .map(|attribute| format!("{}={}", attribute.key, attribute.value))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "baton.dead_letter_source=arn:aws:sqs:us-east-1:1:orders",
            "baton.first_receive_time_ms=1691582488551",
            "baton.receive_count=2",
            "baton.sent_time_ms=1691582488541",
            "messaging.destination.name=orders-dead",
            "messaging.message.id=m1",
            "messaging.operation.name=process",
            "messaging.operation.type=process",
            "messaging.system=aws_sqs",
        ]
    );
}

#[test]
fn a_message_of_nothing_is_a_root() {
    check(&Message::builder().build(), ROOT, &[]);
}

/// What the handler sends carries it on.
#[test]
fn what_goes_along() {
    let text = MessageAttributeValue::builder().data_type("String");
    let baggage = text.string_value("tenant=acme").build().unwrap();
    let message = Message::builder()
        .message_attributes("traceparent", self::text())
        .message_attributes("baggage", baggage)
        .attributes(
            System::AwsTraceHeader,
            format!("{DECIDED};Lineage=a87bd80c:1"),
        )
        .build();
    let (_, context) = process_span(&message, "orders");
    assert_eq!(context.baggage().to_string(), "tenant=acme");
    let extra = context.get::<Extra<'static>>().unwrap();
    assert_eq!(extra.xray, "Lineage=a87bd80c:1");
}
