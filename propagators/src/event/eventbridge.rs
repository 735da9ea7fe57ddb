//! EventBridge: one event, out of a rule, an archive or a subscriber of a bus; and the clock.

use opentelemetry::KeyValue;

use super::{
    Event, Place, Reading, Record, Trigger, contexts::Again, envelope::Envelope, place::Step,
    record::rfc3339_ms,
};
use crate::{
    attribute as a,
    carrier::EventHeaders,
    json::{Object, Raw, object},
};

object! {
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-addressing.html>
    struct SystemMetadata {
        id: "aws:EventId",
        detail_type: "aws:DetailType",
        source: "aws:Source",
        time: "aws:IngestionTime",
        delivery: "aws:DeliveryType",
    }
}

/// `PutEvents` takes an X-Ray header, but no event that is delivered has it: only `detail` carries.
pub(super) fn read<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Record<'a> {
    if envelope.system_metadata.is_some() && envelope.detail_type.is_none() {
        return with_metadata(envelope, reading);
    }
    let mut record = Record::new(Trigger::EventBridge);
    record.message_id = envelope.id.and_then(Raw::text).unwrap_or_default();
    record.destination = envelope.detail_type.and_then(Raw::text).unwrap_or_default();
    record.source_arn = envelope.source.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = rfc3339_ms(envelope.time);
    if envelope.replay_name.is_some() {
        record.contexts.again = Some(Again::Replay);
    }
    if reading.is_outermost() {
        record.detail(a::BATON_EVENT_SOURCE, envelope.source);
        record.detail(a::BATON_REPLAY_NAME, envelope.replay_name);
    }
    if let Some(detail) = envelope.detail {
        let place = Place::of(Step::Detail);
        reading.payload(Some(detail), place, &mut record.contexts);
        // A Lambda destination that is a bus.
        if envelope.source.is_some_and(|source| source.is("lambda")) {
            record.inside = reading.nested(detail, place, &mut record.contexts);
        }
        // The notification of a bucket: the one join that S3 leaves.
        if reading.is_outermost() && envelope.source.is_some_and(|source| source.is("aws.s3")) {
            record.detail(a::BATON_ORIGIN_REQUEST_ID, detail.get("request-id"));
        }
    }
    record
}

/// What a bus delivers with the transformer `WITH_METADATA`. `PutRawEvents` has a map for what rides along.
fn with_metadata<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Record<'a> {
    let system = SystemMetadata::read(envelope.system_metadata);
    let mut record = Record::new(Trigger::EventBridge);
    record.message_id = system.id.and_then(Raw::text).unwrap_or_default();
    record.destination = system.detail_type.and_then(Raw::text).unwrap_or_default();
    record.source_arn = system.source.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = rfc3339_ms(system.time);
    if system
        .delivery
        .is_some_and(|delivery| delivery.is("REPLAY"))
    {
        record.contexts.again = Some(Again::Replay);
    }
    if reading.is_outermost() {
        record.detail(a::BATON_EVENT_SOURCE, system.source);
    }
    let place = Place::of(Step::DeliveredMetadata);
    let metadata = EventHeaders::of(envelope.metadata);
    reading.carrier(&metadata, place, &mut record.contexts);
    reading.wrapped(envelope.metadata, place, &mut record.contexts);
    if let Some(data) = envelope.data.filter(|_| record.contexts.is_empty()) {
        let place = Place::of(Step::DeliveredData);
        record.inside = reading.value(data, place, &mut record.contexts);
    }
    record
}

/// A scheduled rule, or Scheduler without an input of its own. Nobody sent it.
pub(super) fn schedule<'a>(envelope: &Envelope<'a>, reading: &Reading<'_>) -> Event<'a> {
    let mut event = Event::new(Trigger::Schedule);
    let place = Place::of(Step::Detail);
    reading.payload(envelope.detail, place, &mut event.contexts);
    if let Some(time) = envelope.time.and_then(Raw::text) {
        event
            .details
            .push(KeyValue::new(a::FAAS_TIME, time.into_owned()));
    }
    let rule = envelope
        .resources
        .and_then(|list| list.items().next()?.text());
    if let Some(rule) = rule {
        event
            .details
            .push(KeyValue::new(a::BATON_EVENT_SOURCE, rule.into_owned()));
    }
    event
}
