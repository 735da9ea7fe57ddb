//! The event of an SQS event source mapping, field for field as Lambda delivers it.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>: camelCase where the SQS API has PascalCase, every system
//! attribute a string, binary attributes in base64.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

/// The most bytes of one event: what Invoke takes.
pub(crate) const MAX_EVENT_BYTES: usize = crate::MAX_PAYLOAD_BYTES;

/// `{"Records":[` and `]}`.
const ENVELOPE_BYTES: usize = 14;

/// The queue as the event names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueueName {
    /// `eventSourceARN`.
    pub(crate) arn: String,
    /// `awsRegion`.
    pub(crate) region: String,
}

/// A received message: its record as JSON text, and what is needed to settle it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) message_id: String,
    pub(crate) receipt_handle: String,
    /// `AWSTraceHeader`.
    pub(crate) trace_header: Option<String>,
    /// As it was sent; a relay makes its event of it.
    pub(crate) body: String,
    record: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'a str>,
    md5_of_body: &'a str,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    string_list_values: &'a [String],
    binary_list_values: Vec<String>,
    data_type: &'a str,
}

// === impl Received ===

impl Received {
    /// # Errors
    ///
    /// Never for text; the signature is serde's.
    pub(crate) fn new(message: &Message, queue: &QueueName) -> Result<Self, serde_json::Error> {
        let attributes: BTreeMap<_, _> = message
            .attributes()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let trace_header = attributes
            .get("AWSTraceHeader")
            .map(|&value| value.to_owned());
        let record = Record {
            message_id: message.message_id().unwrap_or_default(),
            receipt_handle: message.receipt_handle().unwrap_or_default(),
            body: message.body().unwrap_or_default(),
            attributes,
            message_attributes: message
                .message_attributes()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.as_str(), Attribute::new(value)))
                .collect(),
            md5_of_message_attributes: message.md5_of_message_attributes(),
            md5_of_body: message.md5_of_body().unwrap_or_default(),
            event_source: "aws:sqs",
            event_source_arn: &queue.arn,
            aws_region: &queue.region,
        };
        Ok(Self {
            message_id: record.message_id.to_owned(),
            receipt_handle: record.receipt_handle.to_owned(),
            trace_header,
            body: record.body.to_owned(),
            record: serde_json::to_string(&record)?,
        })
    }

    #[cfg(test)]
    pub(super) fn of_body(body: &str) -> Self {
        Self {
            message_id: String::new(),
            receipt_handle: String::new(),
            trace_header: None,
            body: body.to_owned(),
            record: String::new(),
        }
    }

    /// What the message adds to an event.
    pub(crate) fn bytes(&self) -> usize {
        self.record.len() + 1
    }
}

// === impl Attribute ===

impl<'a> Attribute<'a> {
    fn new(value: &'a MessageAttributeValue) -> Self {
        Self {
            string_value: value.string_value(),
            binary_value: value.binary_value().map(|blob| STANDARD.encode(blob)),
            string_list_values: value.string_list_values(),
            binary_list_values: value
                .binary_list_values()
                .iter()
                .map(|blob| STANDARD.encode(blob))
                .collect(),
            data_type: value.data_type(),
        }
    }
}

/// The event of these messages.
pub(crate) fn payload(messages: &[Received]) -> Bytes {
    let records: Vec<&str> = messages
        .iter()
        .map(|message| message.record.as_str())
        .collect();
    Bytes::from(format!("{{\"Records\":[{}]}}", records.join(",")))
}

/// Splits messages, in order, into batches of at most `batch_size` whose events Invoke takes.
pub(crate) fn batches(messages: Vec<Received>, batch_size: usize) -> Vec<Vec<Received>> {
    let mut batches: Vec<Vec<Received>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        match batches.last_mut() {
            Some(batch)
                if batch.len() < batch_size && bytes + message.bytes() <= MAX_EVENT_BYTES =>
            {
                bytes += message.bytes();
                batch.push(message);
            }
            _ => {
                bytes = ENVELOPE_BYTES + message.bytes();
                batches.push(vec![message]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests;
