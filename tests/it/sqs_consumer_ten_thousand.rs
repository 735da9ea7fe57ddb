//! 10,000 orders through workers that are killed, with poison among them: each is shipped or in the dead-letter queue, and
//! each has its span.

use std::collections::{BTreeSet, HashMap, HashSet};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::harness::collector::{Collector, text};
use crate::harness::deadline::eventually;
use crate::harness::sqs_server::SqsServer;
use crate::harness::worker::Workers;

const ORDERS: u64 = 10_000;
/// Every hundredth order cannot be shipped.
const POISON: u64 = 100;
/// At how many shipped orders a worker is killed.
const KILLS: [usize; 3] = [1500, 4000, 7000];
const OPTIONS: [&str; 4] = ["--concurrency", "20", "--visibility", "5"];

#[tokio::test(flavor = "multi_thread")]
async fn none_is_lost() {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let workers = Workers::new(&server, &collector);
    let (queue, dead) = server.queue_with_dead_letters("orders", 3, "30").await;
    let sending = tokio::spawn(send(server.client().clone(), queue.clone()));

    let mut running = vec![
        workers.start(&queue, &OPTIONS),
        workers.start(&queue, &OPTIONS),
    ];
    for shipped in KILLS {
        workers.wait_for("shipped", shipped).await;
        running.remove(0).kill();
        running.push(workers.start(&queue, &OPTIONS));
    }
    sending.await.unwrap();
    server.drained(&queue).await;
    for mut worker in running {
        worker.signal(Signal::SIGTERM);
        assert!(worker.ended().await.success());
    }

    let shipped: BTreeSet<u64> = workers.orders("shipped").into_iter().collect();
    let poison = dead_orders(&server, &dead).await;
    assert_eq!(poison, (0..ORDERS).step_by(100).collect());
    let good = (0..ORDERS).filter(|order| !order.is_multiple_of(POISON));
    assert!(
        shipped.iter().copied().eq(good),
        "{} of them were shipped",
        shipped.len()
    );

    let spans = collector.spans();
    let of = |outcome: &'static str| {
        let found = spans
            .iter()
            .filter(move |span| text(span, "baton.outcome") == Some(outcome));
        found.filter_map(|span| text(span, "messaging.message.id"))
    };
    let told: HashSet<&str> = of("ok").collect();
    for line in workers.lines() {
        let id = line["message_id"].as_str().unwrap();
        assert!(told.contains(id), "no span of {line}");
    }
    let mut failures = HashMap::new();
    of("failed").for_each(|id| *failures.entry(id).or_insert(0) += 1);
    assert_eq!(
        failures.len(),
        poison.len(),
        "each poison order has spans of its tries"
    );
}

async fn send(client: Client, queue: String) {
    let orders: Vec<u64> = (0..ORDERS).collect();
    for batch in orders.chunks(10) {
        let entry = |order: &u64| {
            let body = format!(
                r#"{{"order": {order}, "no_address": {}}}"#,
                order.is_multiple_of(POISON)
            );
            let entry = SendMessageBatchRequestEntry::builder().id(order.to_string());
            entry.message_body(body).build().unwrap()
        };
        let entries = batch.iter().map(entry).collect();
        let sent = client
            .send_message_batch()
            .queue_url(&queue)
            .set_entries(Some(entries));
        assert!(sent.send().await.unwrap().failed().is_empty());
    }
}

async fn dead_orders(server: &SqsServer, dead: &str) -> BTreeSet<u64> {
    let mut orders = BTreeSet::new();
    eventually("all poison orders", || async {
        let count = server
            .attribute(dead, QueueAttributeName::ApproximateNumberOfMessages)
            .await;
        (count.parse::<u64>().unwrap() >= ORDERS / POISON).then_some(())
    })
    .await;
    for _ in 0..ORDERS / POISON {
        let body: Value = serde_json::from_str(server.take(dead).await.body().unwrap()).unwrap();
        orders.insert(body["order"].as_u64().unwrap());
    }
    orders
}
