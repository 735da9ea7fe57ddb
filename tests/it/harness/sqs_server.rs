//! An SQS-compatible server that others wrote: `ministack`, one per test, on a free port of 127.0.0.1.

use std::collections::HashMap;
use std::fs::File;
use std::process::{Child, Command};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use serde_json::json;
use tempfile::TempDir;

use super::deadline::eventually;
use super::http;
use super::interpreters::python;
use super::ports;

/// A running server; it ends with this value.
#[derive(Debug)]
pub(crate) struct SqsServer {
    process: Child,
    endpoint: String,
    client: Client,
    /// Working directory and log of the server.
    _dir: TempDir,
}

impl SqsServer {
    pub(crate) async fn start() -> Self {
        let dir = TempDir::new().expect("the system has a folder for temporary files");
        let port = ports::free();
        let log =
            File::create(dir.path().join("ministack.log")).expect("a new folder can be written");
        let process = Command::new(python())
            .args(["-m", "ministack"])
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .current_dir(dir.path())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("the Python environment runs");
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut server = Self {
            process,
            client: client(&endpoint),
            endpoint,
            _dir: dir,
        };
        server.answers().await;
        server
    }

    /// Waits until the server answers, and sees to it that the answer is this server's.
    async fn answers(&mut self) {
        let health = format!("{}/_ministack/health", self.endpoint);
        eventually("the SQS server", || {
            let ended = self.process.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the SQS server ended with {ended:?}");
            let answer = http::get(&health);
            async {
                answer
                    .await
                    .ok()
                    .filter(|answer| answer.status().is_success())
            }
        })
        .await;
    }

    /// For `AWS_ENDPOINT_URL_SQS` and the like.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Makes a queue and returns its URL.
    pub(crate) async fn queue(
        &self,
        name: &str,
        attributes: &[(QueueAttributeName, &str)],
    ) -> String {
        let attributes: HashMap<_, _> = attributes
            .iter()
            .map(|(name, value)| (name.clone(), (*value).to_owned()))
            .collect();
        let made = self
            .client
            .create_queue()
            .queue_name(name)
            .set_attributes(Some(attributes))
            .send()
            .await;
        made.expect("the queue can be made")
            .queue_url
            .expect("a queue has a URL")
    }

    /// Makes a queue whose messages move to a second one after `tries` receives; returns both URLs.
    pub(crate) async fn queue_with_dead_letters(
        &self,
        name: &str,
        tries: u32,
        visibility: &str,
    ) -> (String, String) {
        let dead = self.queue(&format!("{name}-dead"), &[]).await;
        let target = self.attribute(&dead, QueueAttributeName::QueueArn).await;
        let policy = json!({"deadLetterTargetArn": target, "maxReceiveCount": tries}).to_string();
        let attributes = [
            (QueueAttributeName::VisibilityTimeout, visibility),
            (QueueAttributeName::RedrivePolicy, &policy),
        ];
        (self.queue(name, &attributes).await, dead)
    }

    pub(crate) async fn send(&self, queue: &str, body: impl ToString) {
        self.client
            .send_message()
            .queue_url(queue)
            .message_body(body.to_string())
            .send()
            .await
            .expect("sent");
    }

    /// Receives one message, and deletes it.
    pub(crate) async fn take(&self, queue: &str) -> Message {
        eventually(&format!("a message in {queue}"), || async {
            let received = self
                .client
                .receive_message()
                .queue_url(queue)
                .wait_time_seconds(1)
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .send()
                .await
                .expect("received");
            let message = received.messages.unwrap_or_default().pop()?;
            let handle = message.receipt_handle().unwrap_or_default();
            self.client
                .delete_message()
                .queue_url(queue)
                .receipt_handle(handle)
                .send()
                .await
                .expect("deleted");
            Some(message)
        })
        .await
    }

    /// Waits until the queue holds no message, visible or in flight.
    pub(crate) async fn drained(&self, queue: &str) {
        eventually(&format!("{queue} to be empty"), || async {
            let mut left = 0;
            for name in [
                QueueAttributeName::ApproximateNumberOfMessages,
                QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            ] {
                left += self
                    .attribute(queue, name)
                    .await
                    .parse::<u32>()
                    .expect("a count is a number");
            }
            (left == 0).then_some(())
        })
        .await;
    }

    /// One attribute of a queue.
    pub(crate) async fn attribute(&self, queue: &str, name: QueueAttributeName) -> String {
        let found = self
            .client
            .get_queue_attributes()
            .queue_url(queue)
            .attribute_names(QueueAttributeName::All)
            .send();
        let mut found = found
            .await
            .expect("the queue exists")
            .attributes
            .unwrap_or_default();
        found.remove(&name).expect("the queue has the attribute")
    }
}

impl Drop for SqsServer {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .timeout_config(
            aws_sdk_sqs::config::timeout::TimeoutConfig::builder()
                .operation_timeout(Duration::from_secs(30))
                .build(),
        )
        .build();
    Client::from_conf(config)
}
