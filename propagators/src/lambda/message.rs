//! What an SQS consumer gets and gives back.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::event::last_part;

/// The messages of one invocation, as Lambda sends them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SqsBatch {
    /// In the order of the event.
    #[serde(rename = "Records")]
    pub records: Vec<SqsMessage>,
}

/// One SQS message.
///
/// ```
/// use baton_propagators::lambda::SqsMessage;
///
/// let message: SqsMessage = serde_json::from_str(r#"{
///     "messageId": "19dd0b57", "receiptHandle": "AQEB", "body": "{\"order\": 7}",
///     "attributes": {"ApproximateReceiveCount": "2"}, "messageAttributes": {},
///     "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders"
/// }"#)?;
///
/// assert_eq!(message.queue(), "orders");
/// assert_eq!(message.receive_count(), 2);
/// assert_eq!(message.json::<serde_json::Value>()?["order"], 7);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SqsMessage {
    /// The id that partial failures are reported by.
    pub message_id: String,
    /// What the message is deleted by.
    #[serde(default, deserialize_with = "or_default")]
    pub receipt_handle: String,
    /// The body, as it was sent.
    #[serde(default, deserialize_with = "or_default")]
    pub body: String,
    /// What SQS knows of it: `ApproximateReceiveCount`, `SentTimestamp`, …
    #[serde(default, deserialize_with = "or_default")]
    pub attributes: HashMap<String, String>,
    /// What the sender put beside the body.
    #[serde(default, deserialize_with = "or_default")]
    pub message_attributes: HashMap<String, SqsAttribute>,
    /// The queue that it came from.
    #[serde(default, rename = "eventSourceARN", deserialize_with = "or_default")]
    pub queue_arn: String,
}

/// One message attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct SqsAttribute {
    /// `String`, `Number` or `Binary`, perhaps with a label: `Number.float`.
    #[serde(deserialize_with = "or_default")]
    pub data_type: String,
    /// Of a `String` or a `Number`.
    pub string_value: Option<String>,
    /// Of a `Binary`, as base64.
    pub binary_value: Option<String>,
}

/// Which messages failed. Lambda reads it when the event source mapping has
/// `FunctionResponseTypes: [ReportBatchItemFailures]`; without it every message counts as done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// Empty when all went well.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// One message that SQS shall deliver again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its message id.
    pub item_identifier: String,
}

// ===== impl SqsMessage =====

impl SqsMessage {
    /// The body as JSON.
    ///
    /// # Errors
    /// When the body is no JSON, or of another shape.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.body)
    }

    /// The queue's name.
    #[must_use]
    pub fn queue(&self) -> &str {
        last_part(&self.queue_arn)
    }

    /// How often it was received, this time included; 1 when SQS does not say.
    #[must_use]
    pub fn receive_count(&self) -> u32 {
        let count = self.attributes.get("ApproximateReceiveCount");
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    }

    /// Whether the messages of this queue have an order.
    pub(super) fn is_fifo(&self) -> bool {
        self.queue_arn.ends_with(".fifo")
    }
}

impl BatchResponse {
    pub(super) fn of(ids: Vec<String>) -> Self {
        let failure = |item_identifier| BatchItemFailure { item_identifier };
        Self {
            batch_item_failures: ids.into_iter().map(failure).collect(),
        }
    }
}

/// `null` where something is expected is nothing.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
