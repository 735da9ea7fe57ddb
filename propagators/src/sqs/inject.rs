//! Where the context of a send goes.

use std::collections::HashMap;

use aws_sdk_sqs::operation::send_message::SendMessageInput;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    SendMessageBatchRequestEntry,
};

use crate::{
    carrier::{SendAttributes, XRayHeader},
    context::{TRACEPARENT, TRACESTATE, TraceContext},
};

/// The most that a queue takes, now and before 2025. What grows over one of these might be refused.
const SIZE_LIMITS_BYTES: [usize; 2] = [1_048_576, 262_144];
/// Name, type and value count.
const TRACEPARENT_BYTES: usize = TRACEPARENT.len() + "String".len() + 55;

pub(super) type Attributes = HashMap<String, MessageAttributeValue>;
pub(super) type SystemAttributes =
    HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>;

/// The parts of a message that matter here, of a single send or of an entry of a batch.
pub(super) struct Draft<'a> {
    pub(super) body_bytes: usize,
    pub(super) attributes: &'a mut Option<Attributes>,
    pub(super) system: &'a mut Option<SystemAttributes>,
}

/// Where it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// The sender had put one there.
    AlreadyThere,
    Attributes,
    AwsTraceHeader,
    LeftOut,
}

/// Puts the context into a message. `request_bytes` is the size of the whole request so far, and grows with it.
pub(super) fn inject(
    context: &TraceContext<'_>,
    draft: Draft<'_>,
    request_bytes: &mut usize,
) -> Placed {
    if draft.has_parent() {
        return Placed::AlreadyThere;
    }
    let Draft {
        attributes, system, ..
    } = draft;
    if fits(*request_bytes, TRACEPARENT_BYTES) {
        let attributes = attributes.get_or_insert_default();
        if SendAttributes(attributes).add(TRACEPARENT, context.traceparent().as_str()) {
            *request_bytes += TRACEPARENT_BYTES;
            add_state(context, attributes, request_bytes);
            return Placed::Attributes;
        }
    }
    if add_header(context, system) {
        Placed::AwsTraceHeader
    } else {
        Placed::LeftOut
    }
}

/// Best effort: without it the trace still holds together.
fn add_state(context: &TraceContext<'_>, attributes: &mut Attributes, request_bytes: &mut usize) {
    let bytes = TRACESTATE.len() + "String".len() + context.state().as_str().len();
    if fits(*request_bytes, bytes)
        && SendAttributes(attributes).add(TRACESTATE, context.state().as_str())
    {
        *request_bytes += bytes;
    }
}

fn add_header(context: &TraceContext<'_>, system: &mut Option<SystemAttributes>) -> bool {
    let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
    let header = XRayHeader::from(context).to_string();
    let value = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(header)
        .build();
    match (
        value,
        system
            .as_ref()
            .is_some_and(|system| system.contains_key(&name)),
    ) {
        (Ok(value), false) => {
            system.get_or_insert_default().insert(name, value);
            true
        }
        _ => false,
    }
}

/// Whether a request that would have been accepted still is.
fn fits(request_bytes: usize, added: usize) -> bool {
    SIZE_LIMITS_BYTES
        .into_iter()
        .all(|limit| request_bytes > limit || request_bytes + added <= limit)
}

// ===== impl Draft =====

impl<'a> Draft<'a> {
    pub(super) fn of(input: &'a mut SendMessageInput) -> Self {
        Self {
            body_bytes: input.message_body.as_ref().map_or(0, String::len),
            attributes: &mut input.message_attributes,
            system: &mut input.message_system_attributes,
        }
    }

    pub(super) fn of_entry(entry: &'a mut SendMessageBatchRequestEntry) -> Self {
        Self {
            body_bytes: entry.message_body.len(),
            attributes: &mut entry.message_attributes,
            system: &mut entry.message_system_attributes,
        }
    }

    pub(super) fn has_parent(&self) -> bool {
        self.attributes
            .as_ref()
            .is_some_and(|attributes| attributes.contains_key(TRACEPARENT))
    }

    /// Body and attributes, as SQS counts them.
    pub(super) fn bytes(&self) -> usize {
        let attributes = self.attributes.iter().flatten();
        let attribute = |(name, value): (&String, &MessageAttributeValue)| {
            let text = value.string_value().map_or(0, str::len);
            let binary = value.binary_value().map_or(0, |blob| blob.as_ref().len());
            name.len() + value.data_type().len() + text + binary
        };
        self.body_bytes + attributes.map(attribute).sum::<usize>()
    }
}

#[cfg(test)]
mod tests;
