//! Every bad value in every carrier: no parent, no link, one invalid context, no error.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::event::Event;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The events that carry a `traceparent` of this value, by the name of the carrier. `ÿ` stands for a byte that is no UTF-8.
fn carriers(value: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let events = messages(value).into_iter().chain(others(value));
    let bytes = |event: Value| {
        let text = event.to_string();
        let parts = text.split('ÿ').map(str::as_bytes);
        parts.collect::<Vec<_>>().join(&b"\xff"[..])
    };
    events.map(|(name, event)| (name, bytes(event))).collect()
}

/// SQS and SNS.
fn messages(value: &Value) -> [(&'static str, Value); 4] {
    let attributes = json!({"traceparent": {"dataType": "String", "stringValue": value}});
    let sns = json!({"Type": "Notification", "TopicArn": "t", "Message": "",
        "MessageAttributes": {"traceparent": {"Type": "String", "Value": value}}});
    let trace = json!({"_trace": {"traceparent": value}}).to_string();
    let sqs = |field: &str, value: Value| {
        let mut record = json!({"eventSource": "aws:sqs", "messageId": "1"});
        record[field] = value;
        json!({"Records": [record]})
    };
    [
        ("attribute", sqs("messageAttributes", attributes)),
        ("body", sqs("body", trace.into())),
        ("SNS in the body", sqs("body", sns.to_string().into())),
        (
            "SNS",
            json!({"Records": [{"EventSource": "aws:sns", "Sns": sns}]}),
        ),
    ]
}

/// Requests, payloads, streams, brokers.
fn others(value: &Value) -> [(&'static str, Value); 8] {
    let trace = json!({"_trace": {"traceparent": value}});
    let raw = |text: &str| text.replace('ÿ', "\u{fffd}");
    let data = STANDARD.encode(raw(&trace.to_string()));
    let bytes = value
        .as_str()
        .map_or_else(|| value.clone(), |text| json!(raw(text).as_bytes()));
    let fields = json!({"traceparent": value});
    let image = json!({"traceparent": {"S": value}});
    let change = json!({"eventSource": "aws:dynamodb", "dynamodb": {"NewImage": image}});
    let kinesis = json!({"eventSource": "aws:kinesis", "kinesis": {"data": data}});
    let kafka = json!([{"topic": "t", "headers": [{"traceparent": bytes}]}]);
    let alb = json!({"requestContext": {"elb": {}}, "multiValueHeaders": {"traceparent": [value]}});
    let http = json!({"version": "2.0", "rawQueryString": "", "headers": fields});
    [
        ("headers", http),
        ("multiValueHeaders", alb),
        (
            "detail",
            json!({"detail-type": "T", "source": "s", "detail": trace}),
        ),
        ("payload", trace),
        ("Kinesis", json!({"Records": [kinesis]})),
        ("DynamoDB", json!({"Records": [change]})),
        (
            "Kafka",
            json!({"eventSource": "aws:kafka", "records": {"t-0": kafka}}),
        ),
        (
            "ActiveMQ",
            json!({"eventSource": "aws:mq", "messages": [{"messageID": "1", "properties": fields}]}),
        ),
    ]
}

#[track_caller]
fn refused(value: &Value) {
    for (carrier, event) in carriers(value) {
        let event = Event::parse(&event);
        let relation = event.relation();
        assert!(
            relation.parent.is_none() && relation.links.is_empty(),
            "{carrier}"
        );
        assert_eq!(event.invalid(), 1, "{carrier}");
        let counted = event
            .attributes()
            .iter()
            .any(|a| a.key.as_str() == "baton.invalid_contexts");
        assert!(counted, "{carrier}");
    }
}

#[test]
fn what_is_valid_is_found() {
    for (carrier, event) in carriers(&json!(PARENT)) {
        let event = Event::parse(&event);
        let relation = event.relation();
        let found = relation.parent.or(relation.links.first().copied());
        let found = found.map(|found| found.context.traceparent().to_string());
        assert_eq!(
            (found.as_deref(), event.invalid()),
            (Some(PARENT), 0),
            "{carrier}"
        );
    }
}

#[test]
fn garbage() {
    refused(&json!("garbage"));
    refused(&json!(""));
    refused(&json!("{\"traceparent\":"));
}

#[test]
fn a_megabyte() {
    refused(&json!(PARENT.to_owned() + &"0".repeat(1 << 20)));
    refused(&json!("-".repeat(1 << 20)));
}

#[test]
fn invalid_utf_8() {
    refused(&json!(
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0ÿ"
    ));
}

#[test]
fn ids_of_zeros() {
    refused(&json!(
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01"
    ));
    refused(&json!(
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"
    ));
}

#[test]
fn version_ff() {
    refused(&json!(
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    ));
}

#[test]
fn objects_where_strings_belong() {
    refused(&json!({"a": {"b": [PARENT]}}));
    refused(&json!(true));
    refused(&json!(7.5));
}

/// Twice in one place: as a list, joined by a comma, or under two spellings.
#[test]
fn duplicates() {
    refused(&json!(format!("{PARENT},{PARENT}")));
    for headers in [
        json!({"traceparent": PARENT, "Traceparent": PARENT}),
        json!({"traceparent": [PARENT, PARENT]}),
    ] {
        let event = json!({"version": "2.0", "rawQueryString": "", "headers": headers}).to_string();
        let event = Event::parse(event.as_bytes());
        assert_eq!((event.relation().parent, event.invalid()), (None, 1));
    }
}
