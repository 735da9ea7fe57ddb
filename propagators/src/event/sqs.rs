//! The messages of an SQS event.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    carrier::{RecordAttributes, XRayHeader},
    context::TraceContext,
    json::{self, number, text},
};

/// One message of a batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// The id that SQS gave the message; a redriven message has a new one.
    pub message_id: Cow<'a, str>,
    /// The ARN of the queue.
    pub queue_arn: Cow<'a, str>,
    /// The message attributes, for other propagators.
    pub attributes: RecordAttributes<'a>,
    /// Where the sender stood: the W3C attributes, else `AWSTraceHeader`.
    pub context: Option<TraceContext<'static>>,
    /// Whether `context` says nothing about sampling: from an `AWSTraceHeader` that is not sampled.
    pub undecided: bool,
    /// When it was sent, epoch milliseconds.
    pub sent_time_ms: Option<i64>,
    /// When it was received for the first time, epoch milliseconds.
    pub first_receive_time_ms: Option<i64>,
    /// How often it was received, this time included.
    pub receive_count: Option<i64>,
    /// The ARN of the queue that gave it up, for a message out of a dead-letter queue.
    pub dead_letter_source: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRecord<'a> {
    #[serde(borrow)]
    event_source: Option<&'a RawValue>,
    #[serde(borrow)]
    message_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventSourceARN")]
    queue_arn: Option<&'a RawValue>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    message_attributes: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct SystemAttributes<'a> {
    #[serde(borrow)]
    sent_timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    approximate_first_receive_timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    approximate_receive_count: Option<&'a RawValue>,
    #[serde(borrow)]
    dead_letter_queue_source_arn: Option<&'a RawValue>,
    #[serde(borrow, rename = "AWSTraceHeader")]
    aws_trace_header: Option<&'a RawValue>,
}

/// Every message of an SQS event; nothing for any other.
pub(super) fn read(records: Option<&RawValue>) -> Vec<Record<'_>> {
    let records: Vec<&RawValue> = json::parse(records).unwrap_or_default();
    records.into_iter().filter_map(record).collect()
}

fn record(raw: &RawValue) -> Option<Record<'_>> {
    let raw: RawRecord<'_> = json::parse(Some(raw))?;
    if raw.event_source.and_then(text)? != "aws:sqs" {
        return None;
    }
    let system: SystemAttributes<'_> = json::parse(raw.attributes).unwrap_or_default();
    let attributes = raw
        .message_attributes
        .map(|json| RecordAttributes::from_json(json.get()))
        .unwrap_or_default();
    let w3c = TraceContext::extract(&attributes)
        .map(TraceContext::into_owned)
        .ok();
    let header = || XRayHeader::parse(&system.aws_trace_header.and_then(text)?).context();
    let from_header = w3c.is_none();
    let context = w3c.or_else(header);

    Some(Record {
        message_id: raw.message_id.and_then(text).unwrap_or_default(),
        queue_arn: raw.queue_arn.and_then(text).unwrap_or_default(),
        attributes,
        undecided: from_header
            && context
                .as_ref()
                .is_some_and(|context| !context.flags().is_sampled()),
        context,
        sent_time_ms: number(system.sent_timestamp),
        first_receive_time_ms: number(system.approximate_first_receive_timestamp),
        receive_count: number(system.approximate_receive_count),
        dead_letter_source: system.dead_letter_queue_source_arn.and_then(text),
    })
}

// ===== impl Record =====

impl Record<'_> {
    /// The queue's name, the last part of its ARN.
    #[must_use]
    pub fn queue(&self) -> &str {
        queue_name(&self.queue_arn)
    }
}

/// The last part of an ARN.
pub(crate) fn queue_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
