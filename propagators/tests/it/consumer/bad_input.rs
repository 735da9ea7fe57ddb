//! What goes wrong around a consumer: it goes on or ends in bounded time, and says it once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use axum::http::StatusCode;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::json;
use tracing::Level;

use super::{
    fake::{Fake, message},
    log::Log,
};

#[tokio::test]
async fn a_queue_that_vanishes_and_comes_back() {
    let (log, _guard) = Log::start();
    let fake = Arc::new(Fake::default());
    fake.breaks("ReceiveMessage", "QueueDoesNotExist");
    let builder = fake.consumer().await;
    let back = async {
        fake.asked("ReceiveMessage", 3).await;
        assert_eq!(log.count(Level::WARN, "QueueDoesNotExist"), 1);
        fake.works_again("ReceiveMessage");
    };
    let (report, ()) = tokio::join!(fake.run(builder), back);
    assert_eq!((report.received, report.processed), (1, 1));
    assert_eq!(log.count(Level::WARN, "SQS request failed"), 1);
    assert_eq!(log.count(Level::INFO, "SQS answers again"), 1);
}

/// It was received, and cannot be deleted any more: others will get it.
#[tokio::test]
async fn credentials_that_expire() {
    let (log, _guard) = Log::start();
    let fake = Arc::new(Fake::default());
    fake.breaks("DeleteMessageBatch", "ExpiredTokenException");
    let builder = fake.consumer().await.build();
    let handler = async |_| Ok::<_, String>(());
    let report = builder
        .run_until(handler, fake.asked("DeleteMessageBatch", 5))
        .await;
    assert_eq!((report.processed, report.not_deleted), (1, 1));
    // Receives work all the while, and are no sign that deletes do.
    assert!(fake.count("ReceiveMessage") > 2);
    assert_eq!(log.count(Level::WARN, "ExpiredTokenException"), 1);
    assert_eq!(log.count(Level::WARN, "could not be deleted"), 1);
    assert_eq!(log.count(Level::INFO, "SQS answers again"), 0);
}

/// An answer that holds it is none; it is asked for again, and in the end belongs to the dead-letter queue.
#[tokio::test]
async fn an_answer_that_is_no_utf_8() {
    let (log, _guard) = Log::start();
    let fake = Arc::new(Fake::default());
    let mut body = json!({"Messages": [message("m0")]})
        .to_string()
        .into_bytes();
    let at = body.iter().position(|byte| *byte == b'7').unwrap();
    body[at] = 0xff;
    fake.answers("ReceiveMessage", StatusCode::OK, body);
    let builder = fake.consumer().await;
    let back = async {
        fake.asked("ReceiveMessage", 2).await;
        fake.works_again("ReceiveMessage");
    };
    let (report, ()) = tokio::join!(fake.run(builder), back);
    assert_eq!(report.processed, 1);
    assert_eq!(log.count(Level::WARN, "SQS request failed"), 1);
}

/// A context that is no text is none.
#[tokio::test]
async fn attributes_that_are_no_utf_8() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let mut bad = message("m1");
    bad["MessageAttributes"] =
        json!({"traceparent": {"DataType": "Binary", "BinaryValue": "/////w=="}});
    let fake = Arc::new(Fake::of(vec![bad]));
    let report = fake
        .run(fake.consumer().await.tracer(provider.tracer("shop")))
        .await;
    assert_eq!(report.processed, 1);
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].parent_span_id, opentelemetry::SpanId::INVALID);
}

#[tokio::test]
async fn a_handler_that_never_returns() {
    let (log, _guard) = Log::start();
    let fake = Arc::new(Fake::default());
    let builder = fake
        .consumer()
        .await
        .max_processing(Duration::from_millis(20));
    let handler = async |_| std::future::pending::<Result<(), String>>().await;
    let report = builder.build().run_until(handler, fake.all_settled()).await;
    assert_eq!((report.failed, report.processed), (1, 0));
    assert_eq!(log.count(Level::ERROR, "took longer than 20ms"), 1);
}

/// Nothing can stop it; the consumer ends without it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread() {
    let release = Arc::new(AtomicBool::new(false));
    let (started, begun) = tokio::sync::oneshot::channel();
    let started = std::sync::Mutex::new(Some(started));
    let fake = Arc::new(Fake::default());
    let builder = fake.consumer().await.drain(Duration::ZERO);
    let blocked = Arc::clone(&release);
    let handler = move |_| {
        let (blocked, started) = (Arc::clone(&blocked), started.lock().unwrap().take());
        async move {
            started.map(|started| started.send(()));
            while !blocked.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(5));
            }
            Ok::<_, String>(())
        }
    };
    let stop = async { begun.await.unwrap() };
    let report = builder.build().run_until(handler, stop).await;
    assert_eq!((report.received, report.abandoned), (1, 1));
    release.store(true, Ordering::Relaxed);
}

/// Deletes wait for a flush for a second, once.
#[tokio::test]
async fn a_collector_that_hangs() {
    let (log, _guard) = Log::start();
    let messages = (0..30).map(|n| message(&format!("m{n}"))).collect();
    let fake = Arc::new(Fake::of(messages));
    let builder = fake.consumer().await.flush(std::future::pending::<()>);
    let report = fake.run(builder).await;
    assert_eq!((report.processed, report.not_deleted), (30, 0));
    assert_eq!(log.count(Level::WARN, "spans were not flushed"), 1);
}

/// It takes too long, and then panics where it is dropped: it failed, as any other.
#[tokio::test]
async fn a_handler_that_panics_when_it_is_dropped() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let fake = Arc::new(Fake::default());
    let consumer = fake
        .consumer()
        .await
        .max_processing(Duration::from_millis(10));
    let handler = async |_| {
        let _bomb = Bomb;
        std::future::pending::<Result<(), String>>().await
    };
    let report = consumer
        .build()
        .run_until(handler, fake.all_settled())
        .await;
    assert_eq!((report.received, report.failed), (1, 1));
}
