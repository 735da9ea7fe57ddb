//! Every sender is read back by the reader of its event source, from a real server.

mod dynamodb;
mod eventbridge;
mod firehose;
mod kinesis;
mod sns;
mod sqs;
mod step_functions;

use baton_propagators::event::{Event, Found};
use serde_json::{Value, json};

use crate::{
    front::{Front, Limits},
    server::Server,
};

/// A real server behind the rules that it lacks.
async fn server() -> (Server, Front) {
    let server = Server::start().await;
    let front = Front::start(Some(&server.endpoint), Limits::NEW).await;
    (server, front)
}

/// The parents and links of an event, of its records one by one, with the places where they were.
fn contexts(event: &Value) -> Vec<Vec<(String, String)>> {
    let text = event.to_string();
    let event = Event::parse(text.as_bytes());
    let found = |found: &Found| {
        (
            found.context.traceparent().to_string(),
            found.place.to_string(),
        )
    };
    let mut contexts = vec![event.contexts.iter().map(found).collect::<Vec<_>>()];
    contexts.retain(|contexts| !contexts.is_empty());
    contexts.extend(
        event
            .records
            .iter()
            .map(|record| record.contexts.iter().map(found).collect()),
    );
    contexts
}

/// One record with one context.
#[track_caller]
fn check(event: &Value, parent: &str, place: &str) {
    assert_eq!(
        contexts(event),
        [[(parent.to_owned(), place.to_owned())]],
        "{event:#}"
    );
}

/// As an event source mapping hands a message on.
fn sqs_event(messages: &[aws_sdk_sqs::types::Message]) -> Value {
    let record = |message: &aws_sdk_sqs::types::Message| {
        let attributes = message.attributes().into_iter().flatten();
        let attributes: Value = attributes
            .map(|(name, value)| (name.as_str().to_owned(), json!(value)))
            .collect();
        let own = message.message_attributes().into_iter().flatten();
        let own: Value = own
            .map(|(name, value)| {
                let binary = value.binary_value().map(|blob| base64(blob.as_ref()));
                let value = json!({
                    "dataType": value.data_type(), "stringValue": value.string_value(), "binaryValue": binary,
                });
                (name.clone(), value)
            })
            .collect();
        json!({
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders",
            "messageId": message.message_id(), "body": message.body(), "attributes": attributes, "messageAttributes": own,
        })
    };
    json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}
