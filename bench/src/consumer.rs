//! `sqs::Consumer` beside the loop that one would write by hand, without any tracing.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use baton_propagators::sqs::Consumer;
use futures::future::join_all;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::figures::Figures;
use crate::inputs::TRACEPARENT;
use crate::sql::Discard;

const RUNS: usize = 21;
const MESSAGES: usize = 4000;
const POLLERS: usize = 4;
const BATCH: usize = 10;
const BODY_BYTES: usize = 1024;
/// A message that went astray ends the run instead of holding it for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// Adds `consumer_ratio`: messages a second of the consumer over those of the loop by hand, in turn.
///
/// Handlers do nothing and the queue answers at once, from this process: there is nothing that the work could hide behind.
pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(Discard)
        .build();
    let queue = Queue::start().await?;
    let (mut ratio, mut consumer, mut by_hand) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let hand = queue.drained_by(loop_by_hand(&queue)).await?;
        let ours = queue.drained_by(consume(&queue, &provider)).await?;
        // The first run warms up.
        if run > 0 {
            ratio.push(ours / hand);
            consumer.push(ours);
            by_hand.push(hand);
        }
    }
    figures.add("consumer_ratio", ratio, Some("≥ 0.95"));
    figures.add("consumer_msgs_per_s", consumer, None);
    figures.add("consumer_by_hand_msgs_per_s", by_hand, None);
    Ok(())
}

/// With spans and figures on.
async fn consume(queue: &Queue, provider: &SdkTracerProvider) {
    let consumer = Consumer::builder(queue.client.clone(), &queue.url)
        .concurrency(POLLERS * BATCH)
        .pollers(POLLERS)
        .tracer(provider.tracer("bench"))
        .build();
    let handler = async |message: Message| {
        black_box(message);
        Ok::<_, Infallible>(())
    };
    black_box(consumer.run_until(handler, queue.drained()).await);
}

/// The straight way: each poller receives, handles what it has at once, and deletes it.
async fn loop_by_hand(queue: &Queue) {
    let poller = || async {
        while !queue.is_drained() {
            let Ok(messages) = receive(queue).await else {
                continue;
            };
            let handled = messages.iter().map(async |message| {
                black_box(message);
            });
            join_all(handled).await;
            if let Ok(entries) = entries(&messages)
                && !entries.is_empty()
            {
                let delete = queue.client.delete_message_batch().queue_url(&queue.url);
                black_box(delete.set_entries(Some(entries)).send().await.is_ok());
            }
        }
    };
    join_all((0..POLLERS).map(|_| poller())).await;
}

async fn receive(queue: &Queue) -> Result<Vec<Message>> {
    let receive = queue.client.receive_message().queue_url(&queue.url);
    let received = receive
        .max_number_of_messages(10)
        .wait_time_seconds(20)
        .message_attribute_names("All")
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await?;
    Ok(received.messages.unwrap_or_default())
}

fn entries(messages: &[Message]) -> Result<Vec<DeleteMessageBatchRequestEntry>> {
    let entry = |(index, message): (usize, &Message)| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string());
        let receipt = message.receipt_handle().context("a receipt")?;
        Ok(entry.receipt_handle(receipt).build()?)
    };
    messages.iter().enumerate().map(entry).collect()
}

/// As many messages as a receive asks for, until a run's messages are delivered; then nothing, as a long poll.
struct Queue {
    client: Client,
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    delivered: AtomicUsize,
    deleted: watch::Sender<usize>,
}

impl Queue {
    async fn start() -> Result<Self> {
        let shared = Arc::new(Shared {
            delivered: AtomicUsize::new(MESSAGES),
            deleted: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(Credentials::new("key", "secret", None, None, "bench"))
            .region(Region::new("us-east-1"))
            .endpoint_url(&endpoint);
        Ok(Self {
            client: Client::from_conf(config.build()),
            url: format!("{endpoint}/123456789012/orders"),
            shared,
        })
    }

    /// Messages a second, until the last one was deleted.
    async fn drained_by(&self, work: impl Future<Output = ()>) -> Result<f64> {
        self.shared.deleted.send_replace(0);
        self.shared.delivered.store(0, Ordering::Relaxed);
        let started = Instant::now();
        let time = async {
            self.drained().await;
            started.elapsed().as_secs_f64()
        };
        let both = async { tokio::join!(time, work) };
        let (seconds, ()) = tokio::time::timeout(PATIENCE, both)
            .await
            .with_context(|| {
                format!(
                    "{} of {MESSAGES} messages were deleted in {PATIENCE:?}",
                    *self.shared.deleted.borrow()
                )
            })?;
        Ok(MESSAGES as f64 / seconds)
    }

    fn is_drained(&self) -> bool {
        *self.shared.deleted.borrow() >= MESSAGES
    }

    async fn drained(&self) {
        // It fails when the sender is gone, and that is `self`.
        let mut deleted = self.shared.deleted.subscribe();
        let _ = deleted.wait_for(|deleted| *deleted >= MESSAGES).await;
    }
}

/// So many messages from `first` on, each with an id and a receipt of its own.
fn messages(first: usize, count: usize) -> String {
    let message = |n: usize| {
        json!({
            "MessageId": format!("059f36b4-87a3-44ab-83d2-{n:012}"), "ReceiptHandle": format!("AQEBwJnKyrHigUMZj6rY{n}"),
            "Body": "x".repeat(BODY_BYTES),
            "Attributes": {"SentTimestamp": "1691582488541", "ApproximateReceiveCount": "1",
                "ApproximateFirstReceiveTimestamp": "1691582488551", "SenderId": "AIDAIENQZJOLO23YVJ4VO"},
            "MessageAttributes": {"traceparent": {"DataType": "String", "StringValue": TRACEPARENT}},
        })
    };
    json!({ "Messages": (first..first + count).map(message).collect::<Vec<_>>() }).to_string()
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> String {
    let target = headers.get("x-amz-target");
    let action = target.and_then(|target| target.to_str().ok());
    if action.is_some_and(|action| action.ends_with("DeleteMessageBatch")) {
        let deleted = body.matches("\"ReceiptHandle\"").count();
        shared.deleted.send_modify(|count| *count += deleted);
        // Both sides call their entries 0, 1, 2 …
        let entry = |id: usize| json!({"Id": id.to_string()});
        let successful: Vec<_> = (0..deleted).map(entry).collect();
        return json!({"Successful": successful, "Failed": []}).to_string();
    }
    // Never more than was asked for, as SQS: who has less room asks for less.
    let asked: Option<Value> = serde_json::from_str(&body).ok();
    let most =
        asked.and_then(|asked| usize::try_from(asked.get("MaxNumberOfMessages")?.as_u64()?).ok());
    let most = most.unwrap_or(1).min(BATCH);
    let before = shared.delivered.fetch_add(most, Ordering::Relaxed);
    if before < MESSAGES {
        return messages(before, most.min(MESSAGES - before));
    }
    // A long poll ends with the last delete.
    let mut deleted = shared.deleted.subscribe();
    let _ = deleted.wait_for(|deleted| *deleted >= MESSAGES).await;
    json!({}).to_string()
}
