//! Kafka, of Amazon MSK or of anybody: records of several partitions of several topics.

use std::borrow::Cow;

use opentelemetry::KeyValue;

use super::{Event, Place, Reading, Record, Trigger, bytes, envelope::Envelope, place::Step};
use crate::{
    attribute as a,
    carrier::EventHeaders,
    json::{Object, Raw, object},
};

object! {
    struct KafkaRecord {
        topic: "topic",
        partition: "partition",
        offset: "offset",
        timestamp: "timestamp",
        value: "value",
        headers: "headers",
    }
}

pub(super) fn read<'a>(
    trigger: Trigger,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Event<'a> {
    let partitions = envelope.lower_records.into_iter().flat_map(Raw::elements);
    let items = partitions.flat_map(Raw::elements);
    let record = |item| record(trigger, &KafkaRecord::read(Some(item)), envelope, reading);
    Event::of_items(trigger, items.filter(|item| item.is_object()), record)
}

/// One record as Pipes has it, the broker beside its fields.
pub(super) fn alone<'a>(
    trigger: Trigger,
    raw: Raw<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Option<Record<'a>> {
    let found = KafkaRecord::read(Some(raw));
    found.topic?;
    Some(record(trigger, &found, envelope, reading))
}

fn record<'a>(
    trigger: Trigger,
    found: &KafkaRecord<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Record<'a> {
    let mut record = Record::new(trigger).with_arn(envelope.event_source_arn);
    record.destination = found.topic.and_then(Raw::text).unwrap_or_default();
    let partition = found.partition.and_then(Raw::integer).unwrap_or_default();
    let offset = found.offset.and_then(Raw::integer).unwrap_or_default();
    record.message_id = Cow::Owned(format!("{}-{partition}-{offset}", record.destination));
    record.sent_time_ms = found.timestamp.and_then(Raw::integer);
    if reading.is_outermost() {
        let partition = KeyValue::new(a::MESSAGING_DESTINATION_PARTITION_ID, partition.to_string());
        record.details.push(partition);
        record
            .details
            .push(KeyValue::new(a::MESSAGING_KAFKA_OFFSET, offset));
    }
    let headers = headers(found.headers);
    reading.carrier(&headers, Place::of(Step::Headers), &mut record.contexts);
    if let Some(value) = found.value.filter(|_| record.contexts.is_empty()) {
        record.inside = reading.base64(value, Place::of(Step::Value), &mut record.contexts);
    }
    record
}

/// A list of objects with one header each, in order; or, as some re-serialise it, one object with all of them, or an object
/// in the place of the list.
fn headers(headers: Option<Raw<'_>>) -> EventHeaders<'_> {
    let mut pairs = Vec::new();
    for (name, value) in headers.into_iter().flat_map(Raw::members) {
        pairs.extend(bytes::text(value).map(|value| (name, value)));
    }
    for (name, value) in headers
        .into_iter()
        .flat_map(Raw::elements)
        .flat_map(Raw::members)
    {
        pairs.push((name, bytes::text(value).unwrap_or_default()));
    }
    EventHeaders::from_pairs(pairs)
}
