//! EventBridge: one event, out of a rule or an archive; and the clock.

use opentelemetry::KeyValue;

use super::{
    Event, Place, Reading, Record, Trigger, contexts::Again, envelope::Envelope, place::Step,
    record::rfc3339_ms,
};
use crate::{attribute as a, json::Raw};

/// `PutEvents` takes an X-Ray header, but no event that is delivered has it: only `detail` carries.
pub(super) fn read<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Record<'a> {
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
        if detail.get("requestPayload").is_some() {
            record.inside = reading.nested(detail.bytes(), place, &mut record.contexts);
        }
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
