//! A message that always fails, or panics, goes where the queue's redrive policy says, and harms no other.

use aws_sdk_sqs::types::Message;
use opentelemetry::trace::Status;

use crate::harness::consumer::{Running, attribute, consumer};
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn poison_ends_in_the_dead_letter_queue() {
    let server = SqsServer::start().await;
    let (queue, dead) = server.queue_with_dead_letters("orders", 3, "30").await;
    for body in ["good", "bad", "panic"] {
        server.send(&queue, body).await;
    }
    let running = Running::start(consumer(&server, &queue), ship);
    let mut poison =
        [server.take(&dead).await, server.take(&dead).await].map(|message| message.body.unwrap());
    poison.sort();
    assert_eq!(poison, ["bad", "panic"]);
    server.drained(&queue).await;

    let (report, spans) = running.stop().await;
    assert_eq!(
        (report.received, report.processed, report.failed),
        (7, 1, 6)
    );
    let tries = |kind: &str, text: &str| {
        let found = spans.iter().filter(|span| {
            attribute(span, "error.type") == kind && span.status == Status::error(text.to_owned())
        });
        let mut counts: Vec<_> = found
            .map(|span| attribute(span, "baton.receive_count"))
            .collect();
        counts.sort();
        counts
    };
    assert_eq!(
        tries("alloc::string::String", "no such order"),
        ["1", "2", "3"]
    );
    assert_eq!(tries("panic", "panicked: out of paper"), ["1", "2", "3"]);

    server.send(&dead, "good").await;
    let running = Running::start(consumer(&server, &dead), ship);
    server.drained(&dead).await;
    assert_eq!(running.stop().await.0.processed, 1);
}

async fn ship(message: Message) -> Result<(), String> {
    match message.body().unwrap() {
        "bad" => Err("no such order".to_owned()),
        "panic" => panic!("out of paper"),
        _ => Ok(()),
    }
}
