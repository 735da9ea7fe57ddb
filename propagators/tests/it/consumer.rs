//! `Consumer` against an SQS that misbehaves on purpose.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use baton_propagators::sqs::{Consumer, ConsumerBuilder, Report, Retry};
use opentelemetry::{Context, trace::TracerProvider};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider},
    trace::{InMemorySpanExporter, SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

/// A queue of one message that is there until it is deleted.
#[derive(Default)]
struct Fake {
    requests: Mutex<Vec<(String, Value)>>,
    /// How many receives, and deletes, fail before they work.
    bad_receives: Mutex<u32>,
    bad_deletes: Mutex<u32>,
    delivered: Mutex<bool>,
    /// Deleted, or made visible again.
    settled: Notify,
}

impl Fake {
    async fn consumer(self: &Arc<Self>) -> ConsumerBuilder {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(self));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .region(Region::new("us-east-1"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(endpoint);
        let url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";
        Consumer::builder(Client::from_conf(config.build()), url)
    }

    /// Runs until the message is settled.
    async fn run(&self, builder: ConsumerBuilder) -> Report {
        let handler = async |_| Ok::<_, String>(());
        builder
            .build()
            .run_until(handler, self.settled.notified())
            .await
    }

    fn count(&self, action: &str) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|(name, _)| name == action).count()
    }
}

async fn answer(
    State(fake): State<Arc<Fake>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let target = headers["x-amz-target"].to_str().unwrap();
    let action = target.rsplit('.').next().unwrap().to_owned();
    let request = serde_json::from_str(&body).unwrap();
    fake.requests
        .lock()
        .unwrap()
        .push((action.clone(), request));
    let is_bad = |left: &Mutex<u32>| {
        let mut left = left.lock().unwrap();
        let bad = *left > 0;
        *left = left.saturating_sub(1);
        bad
    };
    let answer = match action.as_str() {
        "ReceiveMessage" if is_bad(&fake.bad_receives) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, "{}".to_owned());
        }
        "ReceiveMessage" if !std::mem::replace(&mut *fake.delivered.lock().unwrap(), true) => {
            json!({"Messages": [{"MessageId": "m1", "ReceiptHandle": "r1", "Body": "7",
                "Attributes": {"SentTimestamp": "1691582488541", "ApproximateReceiveCount": "1"}}]})
        }
        "DeleteMessageBatch" if is_bad(&fake.bad_deletes) => {
            json!({"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": false}], "Successful": []})
        }
        "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" => {
            fake.settled.notify_one();
            json!({"Successful": [{"Id": "0"}], "Failed": []})
        }
        // A long poll.
        _ => {
            tokio::time::sleep(Duration::from_millis(50)).await;
            json!({})
        }
    };
    (StatusCode::OK, answer.to_string())
}

#[tokio::test]
async fn a_delete_that_fails_is_tried_again() {
    let fake = Arc::new(Fake::default());
    *fake.bad_deletes.lock().unwrap() = 2;
    let report = fake.run(fake.consumer().await).await;
    assert_eq!((report.processed, report.not_deleted), (1, 0));
    assert_eq!(fake.count("DeleteMessageBatch"), 3);
}

#[tokio::test]
async fn it_asks_again_when_sqs_fails_and_for_all_attributes() {
    let fake = Arc::new(Fake::default());
    *fake.bad_receives.lock().unwrap() = 3;
    let report = fake.run(fake.consumer().await.concurrency(4)).await;
    assert_eq!((report.received, report.processed), (1, 1));
    let requests = fake.requests.lock().unwrap();
    let (_, first) = &requests[0];
    assert_eq!(first["MaxNumberOfMessages"], 4, "no more than can be held");
    assert_eq!(first["MessageAttributeNames"], json!(["All"]));
    assert_eq!(first["MessageSystemAttributeNames"], json!(["All"]));
}

#[tokio::test]
async fn a_failed_message_comes_back_after_its_back_off() {
    let fake = Arc::new(Fake::default());
    let retry = Retry::BackOff {
        first: Duration::from_secs(7),
        max: Duration::from_secs(60),
    };
    let consumer = fake.consumer().await.retry(retry).build();
    let handler = async |_| Err::<(), _>("no");
    let report = consumer.run_until(handler, fake.settled.notified()).await;
    assert_eq!((report.failed, report.given_back), (1, 0));
    assert_eq!(fake.count("DeleteMessageBatch"), 0);
    let requests = fake.requests.lock().unwrap();
    let changed = requests
        .iter()
        .find(|(name, _)| name == "ChangeMessageVisibilityBatch");
    let entry = &changed.unwrap().1["Entries"][0];
    assert_eq!(
        (&entry["ReceiptHandle"], &entry["VisibilityTimeout"]),
        (&json!("r1"), &json!(7))
    );
}

#[tokio::test]
async fn tracing_that_panics_or_hangs_stops_no_message() {
    #[derive(Debug)]
    struct Panics;
    impl SpanProcessor for Panics {
        fn on_start(&self, _: &mut Span, _: &Context) {}
        fn on_end(&self, _: SpanData) {
            panic!("no exporter");
        }
        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }
        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Panics)
        .build();
    let fake = Arc::new(Fake::default());
    let builder = fake.consumer().await.tracer(provider.tracer("shop"));
    let report = fake.run(builder.flush(std::future::pending::<()>)).await;
    assert_eq!((report.processed, report.not_deleted), (1, 0));
}

#[tokio::test]
async fn figures_and_the_spans_of_requests() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let figures = InMemoryMetricExporter::default();
    let meters = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(figures.clone()).build())
        .build();
    let fake = Arc::new(Fake::default());
    let builder = fake
        .consumer()
        .await
        .tracer(provider.tracer("shop"))
        .meter(opentelemetry::metrics::MeterProvider::meter(
            &meters, "shop",
        ))
        .client_spans(true);
    fake.run(builder).await;

    let spans = exporter.get_finished_spans().unwrap();
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["delete orders", "process orders", "receive orders"]);

    meters.force_flush().unwrap();
    let all = figures.get_finished_metrics().unwrap();
    let scopes = all.last().unwrap().scope_metrics();
    let mut names: Vec<_> = scopes
        .flat_map(|scope| scope.metrics().map(|metric| metric.name().to_owned()))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "baton.process.in_flight",
            "baton.process.messages",
            "baton.queue.lag",
            "messaging.client.consumed.messages",
            "messaging.process.duration",
        ]
    );
}
