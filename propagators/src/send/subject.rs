//! What a span says: before the request, and after the answer.

use opentelemetry::{KeyValue, Value, trace::SpanKind};

use crate::{attribute as a, event::attributes::count};

/// What is known before the request is built.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) kind: SpanKind,
    pub(super) attributes: Vec<KeyValue>,
}

/// What the answer of a service says.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) attributes: Vec<KeyValue>,
    /// `error.type` and a text, when it did not do all of what it was asked for.
    pub(super) refused: Option<(String, String)>,
}

// ===== impl Subject =====

impl Subject {
    /// Messages to a queue, topic, bus or stream, after the messaging conventions.
    ///
    /// A span whose context nobody gets is a call like any other: `is_parent` makes it a PRODUCER.
    /// <https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#span-kind>
    pub(super) fn message(system: &'static str, destination: &str, is_parent: bool) -> Self {
        let kind = if is_parent { SpanKind::Producer } else { SpanKind::Client };
        let attributes = vec![
            KeyValue::new(a::MESSAGING_SYSTEM, system),
            KeyValue::new(a::MESSAGING_OPERATION_NAME, "send"),
            KeyValue::new(a::MESSAGING_OPERATION_TYPE, "send"),
            KeyValue::new(a::MESSAGING_DESTINATION_NAME, destination.to_owned()),
        ];
        Self { name: format!("send {destination}"), kind, attributes }
    }

    /// A call, after the conventions of AWS SDKs: `method` is `Lambda/Invoke`.
    /// <https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/>
    pub(super) fn call(method: &'static str, name: String) -> Self {
        let attributes = vec![
            KeyValue::new(a::RPC_SYSTEM_NAME, "aws-api"),
            KeyValue::new(a::RPC_METHOD, method),
        ];
        Self { name, kind: SpanKind::Client, attributes }
    }

    pub(super) fn with(mut self, key: &'static str, value: Option<impl Into<Value>>) -> Self {
        self.attributes.extend(value.map(|value| KeyValue::new(key, value)));
        self
    }

    /// Of a single message.
    pub(super) fn with_body(self, bytes: usize) -> Self {
        self.with(a::MESSAGING_MESSAGE_BODY_SIZE, Some(count(bytes)))
    }

    /// Of a batch.
    pub(super) fn with_batch(self, messages: usize) -> Self {
        self.with(a::MESSAGING_BATCH_MESSAGE_COUNT, Some(count(messages)))
    }
}

// ===== impl Answer =====

impl Answer {
    pub(super) fn with(mut self, key: &'static str, value: Option<&str>) -> Self {
        self.attributes.extend(value.map(|value| KeyValue::new(key, value.to_owned())));
        self
    }

    /// Of a batch of so many messages: the codes and texts of those that were refused.
    pub(super) fn batch<'o>(
        all: usize,
        refused: impl IntoIterator<Item = (&'o str, Option<&'o str>)>,
    ) -> Self {
        let mut refused = refused.into_iter();
        let first = refused.next();
        let text = |(code, message): (&str, Option<&str>)| {
            let failed = refused.count() + 1;
            let reason = message.unwrap_or(code);
            (code.to_owned(), format!("{failed} of {all} messages were refused: {reason}"))
        };
        Self { attributes: Vec::new(), refused: first.map(text) }
    }
}

/// The name at the end of an ARN, of a URL, or of nothing but itself: `orders`.
pub(super) fn short_name(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}
