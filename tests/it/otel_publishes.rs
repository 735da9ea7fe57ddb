//! What OpenTelemetry's instrumentations of other languages publish to SNS, our consumer continues behind SQS: out of the
//! envelope in the body, and out of the attributes with raw delivery.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::harness::collector::{Collector, ids};
use crate::harness::consumer::{Running, consumer};
use crate::harness::peers::{self, Language};
use crate::harness::sns::{subscribe, topic};
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn python_publishes() {
    both_deliveries_continue(Language::Python).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn node_publishes() {
    both_deliveries_continue(Language::Node).await;
}

async fn both_deliveries_continue(language: Language) {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let topic = topic(&server, "orders").await;
    let queues = [("wrapped", false), ("raw", true)];
    for (name, raw) in queues {
        let queue = server.queue(name, &[]).await;
        subscribe(&server, &topic, &queue, raw).await;
    }
    peers::run(language, &server, &collector, &["publish", &topic]).await;
    let publishes = collector.of_kind(SpanKind::Producer);
    let [publish] = publishes.as_slice() else {
        panic!("{publishes:?}");
    };

    for (name, _) in queues {
        let queue = server.queue(name, &[]).await;
        let consumer = Running::start(consumer(&server, &queue), |_| async { Ok::<_, String>(()) });
        server.drained(&queue).await;
        let (_, spans) = consumer.stop().await;
        let [process] = spans.as_slice() else {
            panic!("{name}: {spans:?}");
        };
        let parent = (process.span_context.trace_id(), process.parent_span_id);
        assert_eq!(parent, ids(publish), "{name}");
    }
}
