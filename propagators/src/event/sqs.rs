//! SQS: a batch of messages.

use super::{Place, Reading, Record, Trigger, contexts::Again, place::Step, record::RawRecord};
use crate::{
    carrier::{Carrier, RecordAttributes},
    json::{Object, Raw, object},
};

object! {
    struct SystemAttributes {
        sent: "SentTimestamp",
        first_receive: "ApproximateFirstReceiveTimestamp",
        receive_count: "ApproximateReceiveCount",
        dead_letter_source: "DeadLetterQueueSourceArn",
        trace_header: "AWSTraceHeader",
    }
}

/// The sender's own attributes, then what is inside of the body, then what AWS put beside it.
pub(super) fn read<'a>(raw: &RawRecord<'a>, reading: &mut Reading<'_>) -> Record<'a> {
    let system = SystemAttributes::read(raw.attributes);
    let mut record = Record::new(Trigger::Sqs).with_arn(raw.source_arn);
    record.message_id = raw.message_id.and_then(Raw::text).unwrap_or_default();
    record.attributes = RecordAttributes::read(raw.message_attributes);
    record.sent_time_ms = system.sent.and_then(Raw::integer);
    record.first_receive_time_ms = system.first_receive.and_then(Raw::integer);
    record.receive_count = system.receive_count.and_then(Raw::integer);
    record.dead_letter_source = system.dead_letter_source.and_then(Raw::text);
    record.contexts.again = again(&record);

    let place = Place::of(Step::Attributes);
    reading.attributes(&record.attributes, place, &mut record.contexts);
    if let Some(body) = raw.body
        && (record.contexts.is_empty() || may_be_envelope(body))
    {
        let place = Place::of(Step::Body);
        record.inside = reading.text(body, place, &mut record.contexts);
    }
    if let Some(header) = system.trace_header.and_then(Raw::text) {
        reading.trace_header(&header, Step::AwsTraceHeader, &mut record.contexts);
    }
    record
}

/// A function without a destination, but with a dead-letter queue, leaves the event there with these attributes.
fn again(record: &Record<'_>) -> Option<Again> {
    let has = |name| record.attributes.values_of(name).next().is_some();
    if record.dead_letter_source.is_some() {
        Some(Again::Redrive)
    } else if has("RequestID") && has("ErrorCode") && has("ErrorMessage") {
        Some(Again::Failure)
    } else {
        None
    }
}

/// Whether somebody forwarded what a service had wrapped. A message that has attributes of its own is looked into only
/// then: one extraction a message.
fn may_be_envelope(body: Raw<'_>) -> bool {
    let text = body.quoted().unwrap_or_default();
    let start = text.get(..text.len().min(48)).unwrap_or_default();
    let first_key = start.split(|byte| *byte == b'"').nth(1).unwrap_or_default();
    let key = first_key.split(|byte| *byte == b'\\').next();
    matches!(
        key,
        Some(b"Type" | b"version" | b"Records" | b"Service" | b"Data")
    )
}
