//! `Consumer` against an SQS that misbehaves on purpose.

mod bad_input;
mod fake;
mod log;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aws_sdk_sqs::types::Message;
use baton_propagators::sqs::Retry;
use opentelemetry::{Context, trace::TracerProvider};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider},
    trace::{InMemorySpanExporter, SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use serde_json::json;
use tokio::sync::watch;

use fake::Fake;

#[tokio::test]
async fn a_delete_that_fails_is_tried_again() {
    let fake = Arc::new(Fake::default());
    fake.bad_deletes.store(2, Ordering::Relaxed);
    let report = fake.run(fake.consumer().await).await;
    assert_eq!((report.processed, report.not_deleted), (1, 0));
    assert_eq!(fake.count("DeleteMessageBatch"), 3);
}

/// The first delete is tried again and again while the second message ends, and the consumer with it.
#[tokio::test]
async fn what_was_handled_last_is_deleted_too() {
    let fake = Arc::new(Fake::of(vec![fake::message("m2"), fake::message("m1")]));
    fake.bad_deletes.store(3, Ordering::Relaxed);
    let (last, mut handled) = watch::channel(false);
    let (last, queue) = (Arc::new(last), Arc::clone(&fake));
    let handler = move |message: Message| {
        let (last, queue) = (Arc::clone(&last), Arc::clone(&queue));
        async move {
            if message.message_id() == Some("m2") {
                queue.asked("DeleteMessageBatch", 1).await;
                last.send_replace(true);
            }
            Ok::<_, String>(())
        }
    };
    let stop = async move { handled.wait_for(|it| *it).await.map(drop).unwrap() };
    let report = fake.consumer().await.build().run_until(handler, stop).await;
    assert_eq!((report.processed, report.not_deleted), (2, 0));
    assert_eq!(fake.count("DeleteMessageBatch"), 5);
}

#[tokio::test]
async fn it_asks_again_when_sqs_fails_and_for_all_attributes() {
    let fake = Arc::new(Fake::default());
    fake.bad_receives.store(3, Ordering::Relaxed);
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
    let report = consumer.run_until(handler, fake.all_settled()).await;
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
