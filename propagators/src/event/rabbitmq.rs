//! RabbitMQ of Amazon MQ: messages of several queues.

use std::borrow::Cow;

use super::{
    Contexts, Event, Place, Reading, Record, Trigger, bytes, envelope::Envelope, place::Step,
};
use crate::{
    carrier::EventHeaders,
    json::{Object, Raw, object},
};

object! {
    struct Message {
        queue: "eventSourceKey",
        properties: "basicProperties",
        data: "data",
    }
}

object! {
    struct Properties {
        headers: "headers",
        message_id: "messageId",
    }
}

pub(super) fn read<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Event<'a> {
    let queues = envelope.queues.into_iter().flat_map(Raw::members);
    let messages = queues.flat_map(|(queue, messages)| {
        let messages = messages.items().filter(|message| message.is_object());
        messages.map(move |message| (queue.clone(), message))
    });
    Event::of_items(Trigger::RabbitMq, messages, |(queue, message)| {
        record(&queue, &Message::read(Some(message)), envelope, reading)
    })
}

/// One message as Pipes has it, the broker beside its fields.
pub(super) fn alone<'a>(
    raw: Raw<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Option<Record<'a>> {
    let message = Message::read(Some(raw));
    message.properties?;
    let queue = message.queue.and_then(Raw::text).unwrap_or_default();
    Some(record(&queue, &message, envelope, reading))
}

/// `queue` has its virtual host behind it: `orders::/`.
fn record<'a>(
    queue: &str,
    message: &Message<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Record<'a> {
    let properties = Properties::read(message.properties);
    let mut record = Record::new(Trigger::RabbitMq).with_arn(envelope.event_source_arn);
    let name = queue.split("::").next().unwrap_or_default();
    record.destination = Cow::Owned(name.to_owned());
    record.message_id = properties
        .message_id
        .and_then(Raw::text)
        .unwrap_or_default();
    let headers = headers(properties.headers);
    reading.carrier(
        &headers,
        Place::of(Step::QueueHeaders),
        &mut record.contexts,
    );
    record.inside = inside(message.data, reading, &mut record.contexts);
    record
}

/// A string is `{"bytes": [48, 48]}`; numbers and tables carry nothing.
fn headers(headers: Option<Raw<'_>>) -> EventHeaders<'_> {
    let mut pairs = Vec::new();
    for (name, value) in headers.into_iter().flat_map(Raw::members) {
        let bytes = if value.is_object() {
            value.get("bytes")
        } else {
            Some(value)
        };
        pairs.push((name, bytes.and_then(bytes::text).unwrap_or_default()));
    }
    EventHeaders::from_pairs(pairs)
}

fn inside(
    data: Option<Raw<'_>>,
    reading: &mut Reading<'_>,
    into: &mut Contexts,
) -> Option<Trigger> {
    let data = data.filter(|_| into.is_empty())?;
    reading.base64(data, Place::of(Step::Data), into)
}
