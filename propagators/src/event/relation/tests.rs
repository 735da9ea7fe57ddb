//! The rule, row by row.

use std::collections::HashMap;

use super::{Event, Reason};
use crate::event::{ClientContext, Invocation, Reader};

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

#[test]
fn two_that_disagree_are_a_parent_and_a_link() {
    let sampled = format!("{XRAY};Sampled=1");
    relation(
        &[record(Some(PARENT), &[("AWSTraceHeader", &sampled)])],
        "parent 00f067aa0ba902b7, link 1e4dbd311c45e826",
    );
}

/// The header that a proxy wrote for the same trace has another parent; there is one trace, and one parent.
#[test]
fn two_that_agree_are_one_parent() {
    let same = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=1e4dbd311c45e826;Sampled=1";
    relation(
        &[record(Some(PARENT), &[("AWSTraceHeader", same)])],
        "parent 00f067aa0ba902b7",
    );
}

#[track_caller]
fn of_event(event: &serde_json::Value, expected: Reason) {
    let event = event.to_string();
    let event = Event::parse(event.as_bytes());
    let relation = event.relation();
    assert_eq!(relation.reason, expected);
    let is_parent = matches!(expected, Reason::Caller | Reason::OneMessage);
    assert_eq!(relation.parent.is_some(), is_parent);
    assert_eq!(
        relation.links.is_empty(),
        is_parent || expected == Reason::NoContext
    );
}

/// A body that is an event itself tells whether the message happened before.
#[test]
fn what_is_inside_counts() {
    let trace = serde_json::json!({"_trace": {"traceparent": PARENT}});
    let with_body = |body: serde_json::Value| {
        let mut record = record(None, &[]);
        record["body"] = body.to_string().into();
        serde_json::json!({"Records": [record]})
    };
    let bus = serde_json::json!({"detail-type": "t", "source": "s", "detail": trace});
    of_event(&bus, Reason::OneMessage);
    of_event(&with_body(bus.clone()), Reason::OneMessage);
    let mut replay = bus.clone();
    replay["replay-name"] = "r".into();
    of_event(&replay, Reason::Replay);
    of_event(&with_body(replay), Reason::Replay);

    let result = |condition: &str| {
        let arn = "arn:aws:lambda:eu-west-1:1:function:f";
        let context = serde_json::json!({"functionArn": arn, "condition": condition});
        serde_json::json!({"requestContext": context, "requestPayload": trace})
    };
    of_event(&result("Success"), Reason::OneMessage);
    of_event(&result("RetriesExhausted"), Reason::Failure);
    of_event(&with_body(result("EventAgeExceeded")), Reason::Failure);

    let batch =
        serde_json::json!({"Records": [record(Some(PARENT), &[]), record(Some(PARENT), &[])]});
    of_event(&batch, Reason::Batch);
    let mut of_batch = result("Success");
    of_batch["requestPayload"] = batch;
    of_event(&with_body(of_batch), Reason::SeveralInside);
    of_event(&trace, Reason::Caller);
}

/// What Lambda delivers beside an event comes last, and only when X-Ray decided.
#[test]
fn the_header_of_the_runtime() {
    let check = |body: &str, sampled: &str, expected: Option<&str>| {
        let header = format!("{XRAY};{sampled}");
        let mut invocation = Invocation::new(body.as_bytes());
        invocation.trace_header = Some(&header);
        let event = Reader::default().invocation(&invocation);
        let relation = event.relation();
        let parent = relation
            .parent
            .map(|found| found.context.span_id().to_string());
        assert_eq!(parent.as_deref(), expected, "{body} {sampled}");
        assert!(relation.links.is_empty());
    };
    let trace = format!(r#"{{"_trace":{{"traceparent":"{PARENT}"}}}}"#);
    check("{}", "Sampled=1", Some("1e4dbd311c45e826"));
    check("{}", "Sampled=0", None);
    check("no json", "Sampled=1", Some("1e4dbd311c45e826"));
    check(&trace, "Sampled=1", Some("00f067aa0ba902b7"));
}

/// Who invoked comes before whoever wrote the payload.
#[test]
fn client_context() {
    let other = PARENT.replace("4bf92f35", "00000000");
    let body = format!(r#"{{"_trace":{{"traceparent":"{other}"}}}}"#);
    let json = format!(r#"{{"custom":{{"traceparent":"{PARENT}"}},"client":null}}"#);
    let custom = HashMap::from([("traceparent".to_owned(), PARENT.to_owned())]);
    for context in [ClientContext::Json(&json), ClientContext::Custom(&custom)] {
        let mut invocation = Invocation::new(body.as_bytes());
        invocation.client_context = Some(context);
        let event = Reader::default().invocation(&invocation);
        let relation = event.relation();
        let parent = relation
            .parent
            .map(|found| found.context.traceparent().to_string());
        assert_eq!(parent.as_deref(), Some(PARENT));
        assert_eq!(relation.links.len(), 1);
    }
    for garbage in [
        "",
        "null",
        "{",
        r#"{"custom":7}"#,
        r#"{"custom":{"traceparent":{}}}"#,
    ] {
        let mut invocation = Invocation::new(b"{}");
        invocation.client_context = Some(ClientContext::Json(garbage));
        let event = Reader::default().invocation(&invocation);
        assert_eq!(event.relation().reason, Reason::NoContext, "{garbage}");
    }
}
