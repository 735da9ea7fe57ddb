//! A record without the list that its source delivers it in: Pipes hands records over one by one, or in a list of its own,
//! and so does an event bus.

use super::{
    Reading, Trigger, activemq,
    envelope::Envelope,
    eventbridge, kafka, rabbitmq,
    record::{Item, RawRecord},
};
use crate::json::{Object, Raw};

/// An item of a list.
pub(super) fn read<'a>(raw: Raw<'a>, reading: &mut Reading<'_>) -> Item<'a> {
    record(raw, &Envelope::read(Some(raw)), reading)
}

pub(super) fn record<'a>(
    raw: Raw<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Item<'a> {
    let found = match envelope.messaging() {
        Some(trigger @ (Trigger::Msk | Trigger::SelfManagedKafka)) => {
            kafka::alone(trigger, raw, envelope, reading)
        }
        Some(Trigger::RabbitMq) => rabbitmq::alone(raw, envelope, reading),
        Some(Trigger::ActiveMq) => activemq::alone(raw, envelope, reading),
        Some(Trigger::EventBridge) => Some(eventbridge::read(envelope, reading)),
        _ => return Item::read(&RawRecord::read(Some(raw)), reading),
    };
    found.map_or(Item::Unknown, Item::Record)
}
