//! What a message tells of its sender: the same words, and the same rule, as in a Lambda event.
//!
//! A worker handles each message by itself, so each one is an event of one record to [`Event`]: what it reads, what nests in
//! it, and whether it is a parent or a link is decided in one place for both.

use std::collections::HashMap;

use aws_sdk_sqs::types::Message;
use base64::{Engine, engine::general_purpose::STANDARD};
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanBuilder, SpanKind},
};
use serde::Serialize;

use crate::{
    attribute as a,
    event::Event,
    origin::{origin, with_extra},
};

/// The span that handles a message, as it starts, and the context that it starts in.
pub(super) fn process_span(message: &Message, queue: &str) -> (SpanBuilder, Context) {
    let json = lambda_event(message, queue);
    let event = Event::parse(&json);
    let (parent, links) = origin(&event);
    let parent = with_extra(&parent, event.extra());
    let name = event.span_name();
    let span = SpanBuilder::from_name(name.unwrap_or_else(|| format!("process {queue}")))
        .with_kind(SpanKind::Consumer)
        .with_attributes(attributes(&event))
        .with_links(links);
    (span, parent)
}

/// There is no function here.
fn attributes(event: &Event<'_>) -> impl Iterator<Item = KeyValue> {
    let all = event.attributes().into_iter();
    all.filter(|attribute| attribute.key.as_str() != a::FAAS_TRIGGER)
}

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "Records")]
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    arn: String,
    attributes: HashMap<&'a str, &'a str>,
    message_attributes: HashMap<&'a str, Attribute<'a>>,
    body: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    data_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
fn lambda_event(message: &Message, queue: &str) -> Vec<u8> {
    let system = message.attributes().into_iter().flatten();
    let own = message.message_attributes().into_iter().flatten();
    let record = Record {
        message_id: message.message_id().unwrap_or_default(),
        event_source: "aws:sqs",
        // Only its last part is known, and needed.
        arn: format!("arn:aws:sqs:::{queue}"),
        attributes: system
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect(),
        message_attributes: own
            .map(|(name, value)| {
                let value = Attribute {
                    data_type: value.data_type(),
                    string_value: value.string_value(),
                    binary_value: value.binary_value().map(|bytes| STANDARD.encode(bytes)),
                };
                (name.as_str(), value)
            })
            .collect(),
        body: message.body().unwrap_or_default(),
    };
    // Maps with text for keys cannot fail; an empty event would be a message without a sender.
    serde_json::to_vec(&Envelope { records: [record] }).unwrap_or_default()
}

#[cfg(test)]
mod tests;
