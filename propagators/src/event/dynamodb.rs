//! DynamoDB Streams: changes of items.

use std::borrow::Cow;

use opentelemetry::KeyValue;

use super::{Contexts, Place, Reading, Record, Trigger, place::Step, record::RawRecord};
use crate::{
    attribute as a,
    carrier::EventHeaders,
    json::{Object, Raw, object},
};

object! {
    struct Change {
        new_image: "NewImage",
        sequence_number: "SequenceNumber",
        created: "ApproximateCreationDateTime",
    }
}

object! {
    /// The attributes of an item that may carry.
    struct Item {
        trace: "_trace",
        datadog: "_datadog",
        traceparent: "traceparent",
    }
}

/// An item keeps its context when a later update does not write it: what is found may be stale, and is never a parent.
pub(super) fn read<'a>(raw: &RawRecord<'a>, reading: &Reading<'_>) -> Record<'a> {
    let change = Change::read(raw.dynamodb);
    let mut record = Record::new(Trigger::DynamoDb).with_arn(raw.source_arn);
    record.destination = raw
        .table
        .and_then(Raw::text)
        .unwrap_or_else(|| table(&record.source_arn));
    let id = change.sequence_number.or(raw.event_id);
    record.message_id = id.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = change.created.and_then(Raw::seconds_ms);
    if let Some(image) = change.new_image {
        item(
            image,
            Place::of(Step::NewImage),
            reading,
            &mut record.contexts,
        );
    }
    if reading.is_outermost() {
        describe(&mut record, raw);
    }
    record
}

fn item(image: Raw<'_>, place: Place, reading: &Reading<'_>, into: &mut Contexts) {
    let item = Item::read(Some(image));
    for (attribute, step) in [(item.trace, Step::Trace), (item.datadog, Step::Datadog)] {
        let Some(attribute) = attribute else { continue };
        if let Some(map) = attribute.get("M") {
            reading.carrier(&texts(map), place.then(step), into);
        } else if let Some(json) = attribute.get("S") {
            reading.fields(json, step, place, into);
        }
    }
    if item.traceparent.is_some() {
        reading.carrier(&texts(image), place, into);
    }
}

/// The strings of an item: `{"traceparent": {"S": "00-…"}}`.
fn texts(item: Raw<'_>) -> EventHeaders<'_> {
    let mut pairs = Vec::new();
    for (name, value) in item.members() {
        let text = value.get("S").and_then(Raw::text);
        pairs.push((name, text.unwrap_or_default()));
    }
    EventHeaders::from_pairs(pairs)
}

fn describe(record: &mut Record<'_>, raw: &RawRecord<'_>) {
    record.details.push(KeyValue::new(
        a::FAAS_DOCUMENT_COLLECTION,
        record.destination.to_string(),
    ));
    let operation = match raw.event_name.and_then(Raw::text).as_deref() {
        Some("INSERT") => "insert",
        Some("MODIFY") => "edit",
        Some("REMOVE") => "delete",
        _ => return,
    };
    record
        .details
        .push(KeyValue::new(a::FAAS_DOCUMENT_OPERATION, operation));
    // Items that expire are removed by the service itself.
    let principal = raw
        .user_identity
        .and_then(|identity| identity.get("principalId"));
    if principal.is_some_and(|principal| principal.is("dynamodb.amazonaws.com")) {
        record
            .details
            .push(KeyValue::new(a::BATON_EVENT_TYPE, "ttl"));
    }
}

/// `orders` of `arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2015-06-27T00:48:05.899`.
fn table<'a>(arn: &Cow<'a, str>) -> Cow<'a, str> {
    let name = |arn: &str| arn.split('/').nth(1).unwrap_or_default().len();
    let start = arn.find('/').map_or(0, |slash| slash + 1);
    let end = start + name(arn);
    match arn {
        Cow::Borrowed(arn) => Cow::Borrowed(arn.get(start..end).unwrap_or_default()),
        Cow::Owned(arn) => Cow::Owned(arn.get(start..end).unwrap_or_default().to_owned()),
    }
}
