//! SIGTERM: a worker finishes what it has begun, and gives back what it cannot finish in time.

use nix::sys::signal::Signal;

use crate::harness::collector::{Collector, text};
use crate::harness::sqs_server::SqsServer;
use crate::harness::worker::Workers;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_finished() {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let workers = Workers::new(&server, &collector);
    let queue = server.queue("orders", &[]).await;
    for order in 0..5 {
        server
            .send(&queue, format!(r#"{{"order": {order}, "takes_ms": 1000}}"#))
            .await;
    }
    let mut worker = workers.start(&queue, &["--concurrency", "2"]);
    workers.wait_for("shipping", 2).await;
    worker.signal(Signal::SIGTERM);
    assert!(worker.ended().await.success());

    let sorted = |what: &str| {
        let mut orders = workers.orders(what);
        orders.sort_unstable();
        orders
    };
    let shipped = sorted("shipped");
    assert_eq!(shipped, sorted("shipping"), "no order was begun and left");
    assert_eq!(shipped.len(), 2, "none was begun after the signal");
    let outcomes: Vec<_> = collector
        .spans()
        .iter()
        .map(|span| text(span, "baton.outcome").map(str::to_owned))
        .collect();
    assert_eq!(outcomes, vec![Some("ok".to_owned()); 2]);

    // The others can be received now, not only when their visibility of 30 s ends.
    let _next = workers.start(&queue, &[]);
    workers.wait_for("shipped", 5).await;
    server.drained(&queue).await;
    assert_eq!(
        sorted("shipped"),
        [0, 1, 2, 3, 4],
        "the first two were deleted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_given_back() {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let workers = Workers::new(&server, &collector);
    let queue = server.queue("orders", &[]).await;
    server
        .send(&queue, r#"{"order": 7, "takes_ms": 3600000}"#)
        .await;
    let mut worker = workers.start(&queue, &["--drain", "0"]);
    workers.wait_for("shipping", 1).await;
    worker.signal(Signal::SIGINT);
    assert!(worker.ended().await.success());

    let spans = collector.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(text(&spans[0], "error.type"), Some("stopped"));
    // It is there again at once.
    assert_eq!(
        server.take(&queue).await.body(),
        Some(r#"{"order": 7, "takes_ms": 3600000}"#)
    );
}
