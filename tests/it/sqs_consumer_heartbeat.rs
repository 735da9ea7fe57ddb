//! While a handler runs, its message is kept from others; a handler that never returns is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::harness::consumer::{Running, attribute, consumer};
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_message_is_delivered_once() {
    let server = SqsServer::start().await;
    let queue = server.queue("orders", &[]).await;
    server.send(&queue, "slow").await;
    let handled = Arc::new(AtomicU32::new(0));
    let start = || {
        let handled = Arc::clone(&handled);
        let builder = consumer(&server, &queue).visibility(Duration::from_secs(1));
        Running::start(builder, move |_| {
            handled.fetch_add(1, Ordering::SeqCst);
            // Four times its visibility: this is the time that has to pass.
            async {
                tokio::time::sleep(Duration::from_secs(4)).await;
                Ok::<_, String>(())
            }
        })
    };
    let (one, other) = (start(), start());
    server.drained(&queue).await;
    let (one, other) = (one.stop().await.0, other.stop().await.0);
    assert_eq!(handled.load(Ordering::SeqCst), 1);
    assert_eq!(one.processed + other.processed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_never_returns_is_dropped() {
    let server = SqsServer::start().await;
    let (queue, dead) = server.queue_with_dead_letters("orders", 2, "1").await;
    server.send(&queue, "endless").await;
    let builder = consumer(&server, &queue).max_processing(Duration::from_millis(100));
    let running = Running::start(builder, |_| std::future::pending::<Result<(), String>>());
    assert_eq!(server.take(&dead).await.body(), Some("endless"));
    let (report, spans) = running.stop().await;
    assert_eq!((report.failed, report.processed), (2, 0));
    let kinds: Vec<_> = spans
        .iter()
        .map(|span| attribute(span, "error.type"))
        .collect();
    assert_eq!(kinds, ["timeout", "timeout"]);
}
