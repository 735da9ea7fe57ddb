//! The orders of a worker that was killed come to another one, and continue the trace of their sender.

use std::collections::BTreeSet;

use aws_sdk_sqs::types::MessageAttributeValue;

use crate::harness::collector::{Collector, text};
use crate::harness::deadline::eventually;
use crate::harness::sqs_server::SqsServer;
use crate::harness::worker::Workers;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_held_is_delivered_again() {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let workers = Workers::new(&server, &collector);
    let queue = server.queue("orders", &[]).await;
    for order in 0..4 {
        let parent = MessageAttributeValue::builder().data_type("String");
        let send = server.client().send_message().queue_url(&queue);
        send.message_body(format!(r#"{{"order": {order}, "takes_ms": 600}}"#))
            .message_attributes("traceparent", parent.string_value(PARENT).build().unwrap())
            .send()
            .await
            .unwrap();
    }

    let first = workers.start(&queue, &["--visibility", "2"]);
    workers.wait_for("shipping", 4).await;
    first.kill();
    assert_eq!(
        workers.orders("shipped"),
        [0; 0],
        "killed in the middle of its work"
    );

    let _second = workers.start(&queue, &["--visibility", "2"]);
    workers.wait_for("shipped", 4).await;
    server.drained(&queue).await;

    let shipped: BTreeSet<u64> = workers.orders("shipped").into_iter().collect();
    assert_eq!(shipped, BTreeSet::from([0, 1, 2, 3]));
    let spans = eventually("the spans", || async {
        Some(collector.spans()).filter(|spans| spans.len() >= 4)
    })
    .await;
    for span in &spans {
        assert_eq!(span.name, "process orders");
        assert_eq!(text(span, "baton.outcome"), Some("ok"));
        assert_eq!(span.trace_id, hex("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_eq!(span.parent_span_id, hex("00f067aa0ba902b7"));
    }
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
