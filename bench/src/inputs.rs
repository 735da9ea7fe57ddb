//! What both the bench and the count of allocations read.

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

pub(crate) const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
pub(crate) const TRACESTATE: &str = "dd=s:2;o:rum;t.dm:-4,congo=t61rcWkgMzE";

/// The headers of an ordinary request.
pub(crate) fn headers(traceparent: &'static str, tracestate: Option<&'static str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "api.example.com"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip, br"),
        ("authorization", "Bearer 0123456789abcdef"),
        ("content-length", "312"),
        ("content-type", "application/json"),
        ("user-agent", "checkout/1.0"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
        ("traceparent", traceparent),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(tracestate) = tracestate {
        headers.insert("tracestate", HeaderValue::from_static(tracestate));
    }
    headers
}

/// An SQS event with bodies of JSON, and a context on each message.
pub(crate) fn sqs_event(messages: usize, body_bytes: usize) -> Vec<u8> {
    let line = json!({ "sku": "SKU-000417", "name": "Kettle \"Nordlys\" 1.7 l", "quantity": 2, "price_cents": 4990 });
    let lines = body_bytes / (line.to_string().len() + 1);
    let body = json!({ "order": "o-20260401-000417", "lines": vec![line; lines] }).to_string();
    let parent = json!({ "stringValue": TRACEPARENT, "stringListValues": [], "binaryListValues": [], "dataType": "String" });
    event(messages, &body, &json!({ "traceparent": parent }), None)
}

/// An SQS event of so many messages, which are all the same but for their ids.
pub(crate) fn event(
    messages: usize,
    body: &str,
    attributes: &Value,
    trace_header: Option<&str>,
) -> Vec<u8> {
    let record = |n: usize| {
        let mut system = json!({
            "ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183", "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185"
        });
        if let Some((header, system)) = trace_header.zip(system.as_object_mut()) {
            system.insert("AWSTraceHeader".to_owned(), Value::from(header));
        }
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-66197540{n:04}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0aAQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": body,
            "attributes": system,
            "messageAttributes": attributes,
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders", "awsRegion": "us-east-1"
        })
    };
    json!({ "Records": (0..messages).map(record).collect::<Vec<_>>() })
        .to_string()
        .into_bytes()
}
