//! What OpenTelemetry's instrumentations of other languages send, our consumer continues.

use opentelemetry::SpanId;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::harness::collector::{Collector, ids};
use crate::harness::consumer::{Running, consumer};
use crate::harness::peers::{self, Language};
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn the_send_of_python_is_the_parent() {
    the_send_is_the_parent(Language::Python).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn the_send_of_node_is_the_parent() {
    the_send_is_the_parent(Language::Node).await;
}

async fn the_send_is_the_parent(language: Language) {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let queue = server.queue("orders", &[]).await;
    peers::run(language, &server, &collector, &["send", &queue]).await;
    let sends = collector.of_kind(SpanKind::Producer);
    let [send] = sends.as_slice() else {
        panic!("{sends:?}");
    };
    assert_ne!(send.parent_span_id, b"", "the send is in the span `order`");

    let consumer = Running::start(consumer(&server, &queue), |_| async { Ok::<_, String>(()) });
    server.drained(&queue).await;
    let (report, spans) = consumer.stop().await;
    assert_eq!(report.processed, 1);
    let [process] = spans.as_slice() else {
        panic!("{spans:?}");
    };
    let parent = (process.span_context.trace_id(), process.parent_span_id);
    assert_eq!(parent, ids(send));
    assert_ne!(process.span_context.span_id(), SpanId::INVALID);
    assert!(process.links.is_empty(), "{:?}", process.links);
}
