//! The rule, row by row.

use super::Event;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const XRAY: &str = "Root=1-64d38018-6a56d23a731e0cbe6ed85687;Parent=1e4dbd311c45e826";

/// One record; `w3c` and `system` are put into its attributes.
fn record(w3c: Option<&str>, system: &[(&str, &str)]) -> serde_json::Value {
    let mut record = serde_json::json!({
        "messageId": "m", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q",
        "attributes": {}, "messageAttributes": {},
    });
    for (name, value) in system {
        record["attributes"][name] = (*value).into();
    }
    if let Some(parent) = w3c {
        record["messageAttributes"]["traceparent"] =
            serde_json::json!({"stringValue": parent, "dataType": "String"});
    }
    record
}

#[track_caller]
fn relation(records: &[serde_json::Value], expected: &str) {
    let event = serde_json::json!({"Records": records}).to_string();
    let event = Event::parse(event.as_bytes());
    let relation = event.relation();
    let parent = relation
        .parent
        .map(|found| format!("parent {}", found.context.span_id()));
    let links = relation
        .links
        .iter()
        .map(|found| format!("link {}", found.context.span_id()));
    let mut found = parent
        .into_iter()
        .chain(links)
        .collect::<Vec<_>>()
        .join(", ");
    if found.is_empty() {
        found.push_str("root");
    }
    assert_eq!(found, expected);
}

#[test]
fn one_message_is_a_parent() {
    relation(&[record(Some(PARENT), &[])], "parent 00f067aa0ba902b7");
    relation(
        &[record(Some(PARENT), &[("AWSTraceHeader", XRAY)])],
        "parent 00f067aa0ba902b7",
    );
    relation(
        &[record(
            None,
            &[("AWSTraceHeader", &format!("{XRAY};Sampled=1"))],
        )],
        "parent 1e4dbd311c45e826",
    );
    relation(
        &[record(
            Some("broken"),
            &[("AWSTraceHeader", &format!("{XRAY};Sampled=1"))],
        )],
        "parent 1e4dbd311c45e826",
    );
}

#[test]
fn a_retry_keeps_its_parent() {
    relation(
        &[record(Some(PARENT), &[("ApproximateReceiveCount", "4")])],
        "parent 00f067aa0ba902b7",
    );
}

#[test]
fn a_redrive_is_a_link() {
    let source = ("DeadLetterQueueSourceArn", "arn:aws:sqs:eu-west-1:1:dead");
    relation(&[record(Some(PARENT), &[source])], "link 00f067aa0ba902b7");
}

#[test]
fn what_nobody_decided_is_a_link() {
    relation(
        &[record(
            None,
            &[("AWSTraceHeader", &format!("{XRAY};Sampled=0"))],
        )],
        "link 1e4dbd311c45e826",
    );
    relation(
        &[record(None, &[("AWSTraceHeader", XRAY)])],
        "link 1e4dbd311c45e826",
    );
    // A W3C flag is a decision.
    relation(
        &[record(Some(&PARENT.replace("-01", "-00")), &[])],
        "parent 00f067aa0ba902b7",
    );
}

#[test]
fn a_batch_is_links() {
    let sampled = format!("{XRAY};Sampled=1");
    let other = record(None, &[("AWSTraceHeader", &sampled)]);
    relation(
        &[record(Some(PARENT), &[]), other.clone()],
        "link 00f067aa0ba902b7, link 1e4dbd311c45e826",
    );
    relation(&[record(None, &[]), other], "link 1e4dbd311c45e826");
    relation(&[record(None, &[]), record(None, &[])], "root");
}

#[test]
fn no_context_is_a_root() {
    relation(&[record(None, &[])], "root");
    relation(
        &[record(
            None,
            &[("AWSTraceHeader", "Root=1-64d38018-6a56d23a731e0cbe6ed85687")],
        )],
        "root",
    );
    relation(
        &[record(
            Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"),
            &[],
        )],
        "root",
    );
}
