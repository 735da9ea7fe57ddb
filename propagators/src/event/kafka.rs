//! Kafka, of Amazon MSK or of anybody: records of several partitions of several topics.

use std::borrow::Cow;

use opentelemetry::KeyValue;

use super::{Place, Reading, Record, Trigger, bytes, envelope::Envelope, place::Step};
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
) -> Vec<Record<'a>> {
    let partitions = envelope.lower_records.into_iter().flat_map(Raw::members);
    let items = partitions.flat_map(|(_, items)| items.items());
    let record = |item| record(trigger, &KafkaRecord::read(Some(item)), envelope, reading);
    let items = items.filter(|item| item.is_object());
    items.map(record).take(super::MAX_RECORDS).collect()
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

/// A list of objects with one header each, in order; or one object, as some re-serialise it.
fn headers(headers: Option<Raw<'_>>) -> EventHeaders<'_> {
    let mut pairs = Vec::new();
    if let Some(headers) = headers {
        let objects: Box<dyn Iterator<Item = Raw<'_>>> = if headers.is_object() {
            Box::new(std::iter::once(headers))
        } else {
            Box::new(headers.items())
        };
        for (name, value) in objects.flat_map(Raw::members) {
            pairs.extend(bytes::text(value).map(|value| (name, value)));
        }
    }
    EventHeaders::from_pairs(pairs)
}
