//! One queue as the mapping uses it: look it up, receive, delete.

use std::error::Error;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::operation::get_queue_attributes::GetQueueAttributesError;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageSystemAttributeName, QueueAttributeName,
};

use tokio::time::timeout;

use super::client::{client, endpoint_of, region_of};
use super::event::{QueueName, Received};
use crate::config::Config;

/// SQS receives and deletes at most so many messages in one call.
pub(crate) const CALL_LIMIT: usize = 10;

/// How long the server may take to answer the first question.
const OPEN_PATIENCE: Duration = Duration::from_secs(5);

/// How often a delete is tried before its messages are left to come back.
const DELETE_ATTEMPTS: usize = 3;

/// Why a queue cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The server knows no such queue.
    #[error(
        "queue `{queue_url}` does not exist at `{endpoint}`, expected an existing queue; create it first, or check the account and the name in its URL"
    )]
    Missing {
        /// The queue.
        queue_url: String,
        /// The server that was asked.
        endpoint: String,
    },
    /// The server did not answer as SQS does.
    #[error(
        "queue `{queue_url}` cannot be reached at `{endpoint}`: {reason}; is the SQS server running there?"
    )]
    Unreachable {
        /// The queue.
        queue_url: String,
        /// The server that was asked.
        endpoint: String,
        /// What it said.
        reason: String,
    },
    /// Messages would come back while the function still works on them; Lambda refuses such a mapping too.
    #[error(
        "queue `{queue_url}` has a visibility timeout of {visibility_s} s, expected at least the {timeout_ms} ms timeout of function `{function}`; raise one or lower the other"
    )]
    ShortVisibility {
        /// The queue.
        queue_url: String,
        /// Its visibility timeout.
        visibility_s: u64,
        /// The function.
        function: String,
        /// Its timeout.
        timeout_ms: u128,
    },
}

/// An open queue.
#[derive(Debug)]
pub(crate) struct Queue {
    client: Client,
    url: String,
    endpoint: String,
    name: QueueName,
    visibility: Duration,
}

// === impl Queue ===

impl Queue {
    /// Looks the queue up.
    pub(crate) async fn open(url: &str, config: &Config) -> Result<Self, QueueError> {
        let endpoint = config
            .sqs_endpoint
            .clone()
            .unwrap_or_else(|| endpoint_of(url));
        let client = client(&endpoint, &region_of(&endpoint, &config.region)).await;
        let unreachable = |reason| QueueError::Unreachable {
            queue_url: url.to_owned(),
            endpoint: endpoint.clone(),
            reason,
        };
        let asked = client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::All)
            .send();
        let found = timeout(OPEN_PATIENCE, asked)
            .await
            .map_err(|_| unreachable(format!("no answer within {} s", OPEN_PATIENCE.as_secs())))?
            .map_err(|error| match error.as_service_error() {
                Some(GetQueueAttributesError::QueueDoesNotExist(_)) => QueueError::Missing {
                    queue_url: url.to_owned(),
                    endpoint: endpoint.clone(),
                },
                _ => unreachable(chain(&error)),
            })?;
        let attribute =
            |name: QueueAttributeName| found.attributes().and_then(|all| all.get(&name));
        let arn = attribute(QueueAttributeName::QueueArn)
            .ok_or_else(|| unreachable("the answer has no `QueueArn`".to_owned()))?;
        let region = arn
            .split(':')
            .nth(3)
            .filter(|region| !region.is_empty())
            .unwrap_or(&config.region);
        let seconds = attribute(QueueAttributeName::VisibilityTimeout)
            .and_then(|seconds| seconds.parse().ok());
        Ok(Self {
            name: QueueName {
                arn: arn.clone(),
                region: region.to_owned(),
            },
            // 30 s is what SQS gives a queue that does not say.
            visibility: Duration::from_secs(seconds.unwrap_or(30)),
            client,
            url: url.to_owned(),
            endpoint,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How long a received message stays invisible.
    pub(crate) fn visibility(&self) -> Duration {
        self.visibility
    }

    /// Receives up to `most` messages, waiting up to `wait` (whole seconds) for the first.
    pub(crate) async fn receive(
        &self,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Received>, QueueError> {
        let unreachable = |reason| QueueError::Unreachable {
            queue_url: self.url.clone(),
            endpoint: self.endpoint.clone(),
            reason,
        };
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(most.min(CALL_LIMIT)).unwrap_or(1))
            .wait_time_seconds(i32::try_from(wait.as_secs()).unwrap_or(0))
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .map_err(|error| unreachable(chain(&error)))?;
        answer
            .messages()
            .iter()
            .map(|message| {
                Received::new(message, &self.name).map_err(|error| unreachable(error.to_string()))
            })
            .collect()
    }

    /// Deletes messages; returns how many could not be deleted and will come back.
    pub(crate) async fn delete(&self, messages: &[&Received]) -> usize {
        let mut left = 0;
        for chunk in messages.chunks(CALL_LIMIT) {
            let mut pending = chunk.to_vec();
            for _ in 0..DELETE_ATTEMPTS {
                pending = self.delete_once(pending).await;
                if pending.is_empty() {
                    break;
                }
            }
            left += pending.len();
        }
        left
    }

    /// One call; returns the messages that are still there.
    async fn delete_once<'a>(&self, messages: Vec<&'a Received>) -> Vec<&'a Received> {
        let entries = messages.iter().enumerate().filter_map(|(index, message)| {
            let entry = DeleteMessageBatchRequestEntry::builder();
            entry
                .id(index.to_string())
                .receipt_handle(&message.receipt_handle)
                .build()
                .ok()
        });
        let call = self
            .client
            .delete_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries.collect()));
        match call.send().await {
            Ok(answer) => messages
                .into_iter()
                .enumerate()
                .filter(|(index, _)| {
                    answer
                        .failed()
                        .iter()
                        .any(|failed| failed.id() == index.to_string())
                })
                .map(|(_, message)| message)
                .collect(),
            Err(error) => {
                tracing::warn!(
                    queue = self.url,
                    error = chain(&error),
                    "messages could not be deleted"
                );
                messages
            }
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
