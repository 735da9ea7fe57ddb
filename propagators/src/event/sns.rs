//! SNS: one notification, from the service itself or as the envelope in a message.

use super::{
    Place, Reading, Record, Trigger,
    envelope::Envelope,
    place::Step,
    record::{RawRecord, rfc3339_ms},
};
use crate::{
    attribute as a,
    carrier::RecordAttributes,
    json::{Object, Raw, object},
};

object! {
    /// The same in `Sns` of an event and in an envelope.
    struct Notification {
        message_id: "MessageId",
        topic: "TopicArn",
        message: "Message",
        attributes: "MessageAttributes",
        timestamp: "Timestamp",
    }
}

pub(super) fn read<'a>(raw: &RawRecord<'a>, reading: &mut Reading<'_>) -> Record<'a> {
    let steps = [Step::SnsAttributes, Step::SnsMessage];
    notification(&Notification::read(raw.sns), steps, reading)
}

/// A notification that stands alone: the body of an SQS message.
pub(super) fn envelope<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Record<'a> {
    let found = Notification {
        message_id: envelope.message_id,
        topic: envelope.topic,
        message: envelope.message,
        attributes: envelope.message_attributes,
        timestamp: envelope.sent,
    };
    let steps = [Step::MessageAttributes, Step::Message];
    notification(&found, steps, reading)
}

fn notification<'a>(
    found: &Notification<'a>,
    [attributes, message]: [Step; 2],
    reading: &mut Reading<'_>,
) -> Record<'a> {
    let mut record = Record::new(Trigger::Sns).with_arn(found.topic);
    record.message_id = found.message_id.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = rfc3339_ms(found.timestamp);
    record.attributes = RecordAttributes::read(found.attributes);
    if reading.is_outermost() {
        record.detail(a::AWS_SNS_TOPIC_ARN, found.topic);
    }
    reading.attributes(
        &record.attributes,
        Place::of(attributes),
        &mut record.contexts,
    );
    if let Some(text) = found.message {
        record.inside = reading.text(text, Place::of(message), &mut record.contexts);
    }
    record
}
