//! ActiveMQ of Amazon MQ: JMS messages, whose properties carry.

use super::{Event, Place, Reading, Record, Trigger, envelope::Envelope, place::Step};
use crate::{
    carrier::EventHeaders,
    json::{Object, Raw, object},
};

object! {
    struct Message {
        id: "messageID",
        timestamp: "timestamp",
        destination: "destination",
        data: "data",
        properties: "properties",
    }
}

pub(super) fn read<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Event<'a> {
    let items = envelope.messages.into_iter().flat_map(Raw::items);
    let items = items.filter(|item| item.is_object());
    let record = |item| record(&Message::read(Some(item)), envelope, reading);
    Event::of_items(Trigger::ActiveMq, items, record)
}

/// One message as Pipes has it, the broker beside its fields.
pub(super) fn alone<'a>(
    raw: Raw<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Option<Record<'a>> {
    let message = Message::read(Some(raw));
    message.id?;
    Some(record(&message, envelope, reading))
}

fn record<'a>(
    message: &Message<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Record<'a> {
    let mut record = Record::new(Trigger::ActiveMq).with_arn(envelope.event_source_arn);
    // AWS writes it in both ways.
    let queue = message
        .destination
        .and_then(|queue| queue.get("physicalName").or(queue.get("physicalname")));
    record.destination = queue.and_then(Raw::text).unwrap_or_default();
    record.message_id = message.id.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = message.timestamp.and_then(Raw::integer);
    let properties = EventHeaders::of(message.properties);
    reading.carrier(
        &properties,
        Place::of(Step::Properties),
        &mut record.contexts,
    );
    if let Some(data) = message.data.filter(|_| record.contexts.is_empty()) {
        record.inside = reading.base64(data, Place::of(Step::Data), &mut record.contexts);
    }
    record
}
