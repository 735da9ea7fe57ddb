//! SNS: message attributes; what they have no room for rides in the header of the request.

use aws_sdk_sns::{
    operation::{
        publish::{PublishError, PublishInput, PublishOutput},
        publish_batch::{PublishBatchError, PublishBatchInput, PublishBatchOutput},
    },
    types::{MessageAttributeValue, PublishBatchRequestEntry},
};

use super::{
    attributes::{
        Attributes, BATCH_LIMITS_BYTES, MESSAGE_LIMITS_BYTES, add_all, attribute, bytes, has_parent,
    },
    limits::Room,
    operation::{Injection, Operation, Options, Placed},
    subject::{Answer, Subject, short_name},
};
use crate::attribute as a;

attribute!(MessageAttributeValue);

pub(super) struct Publish;
pub(super) struct PublishBatch;

/// The parts of a message that matter here.
struct Draft<'a> {
    message_bytes: usize,
    subject_bytes: usize,
    structure: Option<&'a str>,
    attributes: &'a mut Attributes<MessageAttributeValue>,
}

impl Operation for Publish {
    type Input = PublishInput;
    type Output = PublishOutput;
    type Error = PublishError;

    const HEADER: bool = true;

    fn subject(input: &PublishInput, _: Options) -> Subject {
        let is_parent = topic(input).is_some() && !has_parent(&input.message_attributes);
        // The number of a phone is nobody's business.
        let no_topic = if input.phone_number.is_some() {
            "phone"
        } else {
            "device"
        };
        let destination = topic(input).map_or(no_topic, short_name);
        Subject::message(a::AWS_SNS, destination, is_parent)
            .with(a::AWS_SNS_TOPIC_ARN, topic(input).map(str::to_owned))
            .with_body(input.message.as_ref().map_or(0, String::len))
    }

    fn inject(input: &mut PublishInput, injection: &mut Injection<'_>) {
        // A phone or an app reads no attributes.
        if topic(input).is_none() {
            return;
        }
        let draft = Draft {
            message_bytes: bytes_of(input.message.as_ref()),
            subject_bytes: bytes_of(input.subject.as_ref()),
            structure: input.message_structure.as_deref(),
            attributes: &mut input.message_attributes,
        };
        let mut request = draft.room(BATCH_LIMITS_BYTES);
        draft.inject(&mut request, injection);
    }

    fn answer(output: &PublishOutput) -> Answer {
        Answer::default().with(a::MESSAGING_MESSAGE_ID, output.message_id())
    }
}

impl Operation for PublishBatch {
    type Input = PublishBatchInput;
    type Output = PublishBatchOutput;
    type Error = PublishBatchError;

    const HEADER: bool = true;

    fn subject(input: &PublishBatchInput, _: Options) -> Subject {
        let entries = input.publish_batch_request_entries();
        let is_parent = entries
            .iter()
            .any(|entry| !has_parent(&entry.message_attributes));
        let arn = input.topic_arn().unwrap_or_default();
        Subject::message(a::AWS_SNS, short_name(arn), is_parent)
            .with(a::AWS_SNS_TOPIC_ARN, Some(arn.to_owned()))
            .with_batch(entries.len())
    }

    fn inject(input: &mut PublishBatchInput, injection: &mut Injection<'_>) {
        let entries = input
            .publish_batch_request_entries
            .as_deref_mut()
            .unwrap_or_default();
        let mut request = Room::new(0, BATCH_LIMITS_BYTES);
        for entry in entries.iter_mut() {
            request.add(&Draft::of(entry).room(BATCH_LIMITS_BYTES));
        }
        for entry in entries {
            Draft::of(entry).inject(&mut request, injection);
        }
    }

    fn answer(output: &PublishBatchOutput) -> Answer {
        let refused = output.failed();
        let all = refused.len() + output.successful().len();
        Answer::batch(
            all,
            refused.iter().map(|entry| (entry.code(), entry.message())),
        )
    }
}

/// `TargetArn` may be a topic too, and a device otherwise.
fn topic(input: &PublishInput) -> Option<&str> {
    let is_topic = |arn: &&str| !arn.contains(":endpoint/");
    input.topic_arn().or(input.target_arn().filter(is_topic))
}

fn bytes_of(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}

// ===== impl Draft =====

impl<'a> Draft<'a> {
    fn of(entry: &'a mut PublishBatchRequestEntry) -> Self {
        Self {
            message_bytes: entry.message.len(),
            subject_bytes: bytes_of(entry.subject.as_ref()),
            structure: entry.message_structure.as_deref(),
            attributes: &mut entry.message_attributes,
        }
    }

    /// The message and its attributes; whether the subject counts, no page says.
    fn room(&self, limits: &'static [usize]) -> Room {
        let bytes = self.message_bytes + bytes(self.attributes);
        Room::between(bytes, bytes + self.subject_bytes, limits)
    }

    /// The header of the request is there for what does not fit: nothing is left out.
    fn inject(self, request: &mut Room, injection: &mut Injection<'_>) {
        if has_parent(self.attributes) {
            return injection.count(Placed::Kept);
        }
        // A message that has a text for each protocol is delivered without attributes:
        // <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>
        if self.structure == Some("json") {
            return;
        }
        let mut message = self
            .room(MESSAGE_LIMITS_BYTES)
            .with_own_limit(injection.options.max_message_bytes);
        add_all(
            self.attributes,
            injection.fields,
            &mut [&mut message, request],
        );
    }
}
