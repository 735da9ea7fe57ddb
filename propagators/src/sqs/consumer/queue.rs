//! The four requests of a consumer, each bounded in time.

use std::{
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime},
};

use aws_sdk_sqs::{
    Client,
    error::DisplayErrorContext,
    operation::{
        change_message_visibility_batch::ChangeMessageVisibilityBatchOutput,
        delete_message_batch::DeleteMessageBatchOutput,
    },
    types::{
        BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry,
        DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName,
    },
};

use super::{
    observer::{Observer, Request},
    settings::whole_seconds,
};

/// For requests that SQS answers at once. The SDK retries within it.
const PATIENCE: Duration = Duration::from_secs(10);

/// One queue, as this consumer sees it.
#[derive(Debug)]
pub(super) struct Queue {
    client: Client,
    pub(super) url: String,
    pub(super) name: String,
    pub(super) observer: Observer,
    /// Which of the actions fail, by [`Action`]: one may be forbidden while the others work.
    failing: [AtomicBool; 3],
}

/// The entries of a batch that were refused, by their place in it.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// Another try may help.
    pub(super) now: Vec<usize>,
    /// SQS does not know the receipt: the message was deleted, or received by somebody else since.
    pub(super) for_good: Vec<usize>,
}

/// What is asked of SQS.
#[derive(Clone, Copy, Debug)]
enum Action {
    Receive,
    Delete,
    ChangeVisibility,
}

/// A request failed; it is logged already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;

// ===== impl Queue =====

impl Queue {
    pub(super) fn new(client: Client, url: String, observer: Observer) -> Self {
        Self {
            client,
            name: queue_name(&url).to_owned(),
            url,
            observer,
            failing: Default::default(),
        }
    }

    /// The messages of these queues have an order.
    pub(super) fn is_fifo(&self) -> bool {
        self.url.ends_with(".fifo")
    }

    pub(super) async fn receive(
        &self,
        most: usize,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Message>, Failed> {
        let started = SystemTime::now();
        let request = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(most).unwrap_or(1))
            .wait_time_seconds(whole_seconds(wait))
            .visibility_timeout(whole_seconds(visibility))
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All);
        let received = self
            .ask(Action::Receive, wait + PATIENCE, request.send())
            .await;
        let received = received.map(|output| output.messages.unwrap_or_default());
        let (messages, error) = match &received {
            Ok(messages) => (messages.as_slice(), None),
            Err(error) => (Default::default(), Some(error.as_str())),
        };
        let request = Request {
            name: Action::Receive.as_str(),
            kind: "receive",
            started,
            messages: messages.len(),
        };
        self.observer.request(request, messages, error);
        self.observer.meters.received(messages.len());
        received.map_err(|_| Failed)
    }

    /// Deletes up to ten messages.
    pub(super) async fn delete(&self, receipts: &[String]) -> Result<Refused, Failed> {
        let entry = |(index, receipt): (usize, &String)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(receipt)
                .build()
                .ok()
        };
        let request = self.client.delete_message_batch().queue_url(&self.url);
        let entries = receipts.iter().enumerate().filter_map(entry).collect();
        let request = request.set_entries(Some(entries)).send();
        let refused = |output: DeleteMessageBatchOutput| Refused::of(&output.failed);
        self.settle(Action::Delete, PATIENCE, receipts.len(), request, refused)
            .await
    }

    /// Makes up to ten messages visible after `delay`.
    pub(super) async fn show_after(
        &self,
        receipts: &[&str],
        delay: Duration,
        patience: Duration,
    ) -> Result<Refused, Failed> {
        let entry = |(index, receipt): (usize, &&str)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(*receipt)
                .visibility_timeout(whole_seconds(delay))
                .build()
                .ok()
        };
        let request = self.client.change_message_visibility_batch();
        let entries = receipts.iter().enumerate().filter_map(entry).collect();
        let request = request
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .send();
        let refused = |output: ChangeMessageVisibilityBatchOutput| Refused::of(&output.failed);
        let patience = patience.min(PATIENCE);
        self.settle(
            Action::ChangeVisibility,
            patience,
            receipts.len(),
            request,
            refused,
        )
        .await
    }

    async fn settle<T, E>(
        &self,
        action: Action,
        patience: Duration,
        messages: usize,
        request: impl Future<Output = Result<T, E>>,
        refused: impl FnOnce(T) -> Refused,
    ) -> Result<Refused, Failed>
    where
        E: std::error::Error,
    {
        let started = SystemTime::now();
        let answer = self.ask(action, patience, request).await;
        let request = Request {
            name: action.as_str(),
            kind: "settle",
            started,
            messages,
        };
        let error = answer.as_ref().err().map(String::as_str);
        self.observer.request(request, &[], error);
        answer.map(refused).map_err(|_| Failed)
    }

    /// Logs the first failure of an action, and the first success after it.
    async fn ask<T, E: std::error::Error>(
        &self,
        action: Action,
        patience: Duration,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, String> {
        let answer = match tokio::time::timeout(patience, request).await {
            Ok(answer) => answer.map_err(|error| DisplayErrorContext(error).to_string()),
            Err(_) => Err(format!("no answer within {patience:?}")),
        };
        let [receive, delete, change_visibility] = &self.failing;
        let failing = match action {
            Action::Receive => receive,
            Action::Delete => delete,
            Action::ChangeVisibility => change_visibility,
        };
        let was_failing = failing.swap(answer.is_err(), Ordering::Relaxed);
        match &answer {
            Ok(_) if was_failing => {
                tracing::info!(
                    queue = self.name,
                    request = action.as_str(),
                    "SQS answers again"
                );
            }
            Err(error) if !was_failing => {
                tracing::warn!(
                    queue = self.name,
                    request = action.as_str(),
                    error,
                    "SQS request failed: {} (not logged again until it works)",
                    action.consequence()
                );
            }
            _ => {}
        }
        answer
    }
}

// ===== impl Action =====

impl Action {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Delete => "delete",
            Self::ChangeVisibility => "change_visibility",
        }
    }

    const fn consequence(self) -> &'static str {
        match self {
            Self::Receive => "trying again, more and more seldom, up to every 30 s",
            Self::Delete => "trying again a few times; messages that stay will be handled again",
            Self::ChangeVisibility => "messages come back when their visibility timeout ends",
        }
    }
}

// ===== impl Refused =====

impl Refused {
    fn of(failed: &[BatchResultErrorEntry]) -> Self {
        let mut refused = Self::default();
        for entry in failed {
            let Ok(index) = entry.id.parse() else {
                continue;
            };
            if entry.sender_fault {
                refused.for_good.push(index);
            } else {
                refused.now.push(index);
            }
        }
        refused
    }
}

/// The last part of a queue's URL.
pub(super) fn queue_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
