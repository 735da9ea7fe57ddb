//! SQS: message attributes, and `AWSTraceHeader` beside them.

use std::collections::HashMap;

use aws_sdk_sqs::{
    operation::{
        send_message::{SendMessageError, SendMessageInput, SendMessageOutput},
        send_message_batch::{
            SendMessageBatchError, SendMessageBatchInput, SendMessageBatchOutput,
        },
    },
    types::{
        MessageAttributeValue, MessageSystemAttributeNameForSends as SystemName,
        MessageSystemAttributeValue, SendMessageBatchRequestEntry,
    },
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

pub(super) struct SendMessage;
pub(super) struct SendMessageBatch;

type SystemAttributes = HashMap<SystemName, MessageSystemAttributeValue>;

/// The parts of a message that matter here, of a single send or of an entry of a batch.
struct Draft<'a> {
    body_bytes: usize,
    attributes: &'a mut Attributes<MessageAttributeValue>,
    system: &'a mut Option<SystemAttributes>,
}

impl Operation for SendMessage {
    type Input = SendMessageInput;
    type Output = SendMessageOutput;
    type Error = SendMessageError;

    const HEADER: bool = true;

    fn subject(input: &SendMessageInput, _: Options) -> Subject {
        let body_bytes = input.message_body.as_ref().map_or(0, String::len);
        let is_parent = !has_parent(&input.message_attributes);
        subject(input.queue_url.as_deref(), is_parent).with_body(body_bytes)
    }

    fn inject(input: &mut SendMessageInput, injection: &mut Injection<'_>) {
        let draft = Draft {
            body_bytes: input.message_body.as_ref().map_or(0, String::len),
            attributes: &mut input.message_attributes,
            system: &mut input.message_system_attributes,
        };
        let mut request = Room::new(draft.bytes(), BATCH_LIMITS_BYTES);
        draft.inject(&mut request, injection);
    }

    fn answer(output: &SendMessageOutput) -> Answer {
        Answer::default().with(a::MESSAGING_MESSAGE_ID, output.message_id())
    }
}

impl Operation for SendMessageBatch {
    type Input = SendMessageBatchInput;
    type Output = SendMessageBatchOutput;
    type Error = SendMessageBatchError;

    const HEADER: bool = true;

    fn subject(input: &SendMessageBatchInput, _: Options) -> Subject {
        let entries = input.entries();
        let is_parent = entries
            .iter()
            .any(|entry| !has_parent(&entry.message_attributes));
        subject(input.queue_url.as_deref(), is_parent).with_batch(entries.len())
    }

    fn inject(input: &mut SendMessageBatchInput, injection: &mut Injection<'_>) {
        let entries = input.entries.as_deref_mut().unwrap_or_default();
        let all = entries
            .iter_mut()
            .map(|entry| Draft::of(entry).bytes())
            .sum();
        let mut request = Room::new(all, BATCH_LIMITS_BYTES);
        for entry in entries {
            Draft::of(entry).inject(&mut request, injection);
        }
    }

    fn answer(output: &SendMessageBatchOutput) -> Answer {
        let refused = output.failed();
        let all = refused.len() + output.successful().len();
        Answer::batch(
            all,
            refused.iter().map(|entry| (entry.code(), entry.message())),
        )
    }
}

fn subject(queue_url: Option<&str>, is_parent: bool) -> Subject {
    let url = queue_url.unwrap_or_default();
    let subject = Subject::message(a::AWS_SQS, short_name(url), is_parent);
    subject.with(a::AWS_SQS_QUEUE_URL, Some(url.to_owned()))
}

// ===== impl Draft =====

impl<'a> Draft<'a> {
    fn of(entry: &'a mut SendMessageBatchRequestEntry) -> Self {
        Self {
            body_bytes: entry.message_body.len(),
            attributes: &mut entry.message_attributes,
            system: &mut entry.message_system_attributes,
        }
    }

    /// Body and attributes; the system attribute is free.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
    fn bytes(&self) -> usize {
        self.body_bytes + bytes(self.attributes)
    }

    fn inject(self, request: &mut Room, injection: &mut Injection<'_>) {
        if has_parent(self.attributes) {
            return injection.count(Placed::Kept);
        }
        let fields = injection.fields;
        let mut message = Room::new(self.bytes(), MESSAGE_LIMITS_BYTES)
            .with_own_limit(injection.options.max_message_bytes);
        let rides = add_all(self.attributes, fields, &mut [&mut message, request]);
        // Consumers of other SDKs read only this one.
        let beside = add_header(self.system, fields.header());
        injection.count(if rides || beside {
            Placed::Done
        } else {
            Placed::LeftOut
        });
    }
}

fn add_header(system: &mut Option<SystemAttributes>, header: &str) -> bool {
    let there = system.as_ref();
    if there.is_some_and(|there| there.contains_key(&SystemName::AwsTraceHeader)) {
        return false;
    }
    let value = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(header);
    let Ok(value) = value.build() else {
        return false;
    };
    system
        .get_or_insert_default()
        .insert(SystemName::AwsTraceHeader, value);
    true
}

#[cfg(test)]
mod tests;
