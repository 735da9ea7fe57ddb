//! The four queues and the dead-letter queue behind the last one.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Attribute;

/// The queues, in the order in which a checkout passes them.
pub const QUEUES: [&str; 4] = ["orders", "payments", "shipments", "notifications"];
/// Where notifications go that were tried three times.
pub const DEAD_LETTERS: &str = "notifications-dead-letters";

/// The queues of one run.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    urls: BTreeMap<&'static str, String>,
}

impl Queues {
    /// Creates all queues.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn create(client: Client) -> Result<Self> {
        let mut queues = Self {
            client,
            urls: BTreeMap::new(),
        };
        queues.add(DEAD_LETTERS, []).await?;
        let arn = queues.attribute(DEAD_LETTERS, Attribute::QueueArn).await?;
        let redrive =
            serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": "3" }).to_string();
        for name in QUEUES {
            if name == "notifications" {
                // Short, so that the demo sees three tries in seconds; real queues take six times the function's timeout.
                queues
                    .add(
                        name,
                        [
                            (Attribute::VisibilityTimeout, "3".to_owned()),
                            (Attribute::RedrivePolicy, redrive.clone()),
                        ],
                    )
                    .await?;
            } else {
                queues
                    .add(name, [(Attribute::VisibilityTimeout, "60".to_owned())])
                    .await?;
            }
        }
        Ok(queues)
    }

    /// The URL of a queue.
    ///
    /// # Errors
    /// There is no queue of that name.
    pub fn url(&self, name: &str) -> Result<&str> {
        self.urls
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("no queue `{name}`, expected one of {:?}", self.urls.keys()))
    }

    /// Messages in a queue that nobody is working on, and those somebody is.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn depth(&self, name: &str) -> Result<(u64, u64)> {
        let waiting = self
            .attribute(name, Attribute::ApproximateNumberOfMessages)
            .await?;
        let taken = self
            .attribute(name, Attribute::ApproximateNumberOfMessagesNotVisible)
            .await?;
        Ok((waiting.parse()?, taken.parse()?))
    }

    /// Waits until no queue but the dead-letter queue holds a message.
    ///
    /// # Errors
    /// The queues are not empty after `patience`.
    pub async fn drained(&self, patience: Duration, on_progress: impl Fn(u64)) -> Result<()> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let mut left = 0;
            for name in QUEUES {
                let (waiting, taken) = self.depth(name).await?;
                left += waiting + taken;
            }
            on_progress(left);
            if left == 0 {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!(
                    "{left} messages are still in the queues after {patience:?}; the logs of the functions say why"
                );
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn add(
        &mut self,
        name: &'static str,
        attributes: impl IntoIterator<Item = (Attribute, String)>,
    ) -> Result<()> {
        let request = self.client.create_queue().queue_name(name);
        let request = attributes
            .into_iter()
            .fold(request, |request, (key, value)| {
                request.attributes(key, value)
            });
        let created = request
            .send()
            .await
            .with_context(|| format!("could not create the queue `{name}`"))?;
        self.urls.insert(
            name,
            created.queue_url.context("the server named no queue URL")?,
        );
        Ok(())
    }

    async fn attribute(&self, name: &str, attribute: Attribute) -> Result<String> {
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(self.url(name)?)
            .attribute_names(attribute.clone())
            .send()
            .await?;
        let value = answer
            .attributes
            .and_then(|mut found| found.remove(&attribute));
        value.with_context(|| format!("the queue `{name}` has no attribute `{attribute}`"))
    }
}
