//! Each message of a batch that OpenTelemetry's instrumentations of other languages send has its sender in the event.

use baton_propagators::event::Event;
use local_lambda::{Config, LocalLambda, SqsMapping};
use opentelemetry::trace::SpanContext;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::harness::collector::{Collector, ids};
use crate::harness::peers::{self, Language};
use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

/// It makes a span for each message of the batch.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn a_batch_of_python() {
    let spans = each_record_names_its_sender(Language::Python).await;
    assert_eq!(spans, 3);
}

/// It makes one for all of them.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn a_batch_of_node() {
    let spans = each_record_names_its_sender(Language::Node).await;
    assert_eq!(spans, 1);
}

/// Returns how many senders there were.
async fn each_record_names_its_sender(language: Language) -> usize {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let queue = server.queue("orders", &[]).await;
    let bodies = [r#"{"order":1}"#, r#"{"order":2}"#, r#"{"order":3}"#];
    let send = [&["send-batch", queue.as_str()], &bodies[..]].concat();
    peers::run(language, &server, &collector, &send).await;
    let mut senders: Vec<_> = collector
        .of_kind(SpanKind::Producer)
        .iter()
        .map(ids)
        .collect();
    senders.sort_unstable_by_key(|(_, id)| id.to_bytes());

    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.sqs = vec![SqsMapping::new(&queue)];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    server.drained(&queue).await;
    lambda.shutdown().await;

    let mut found = Vec::new();
    for note in recording.notes() {
        let bytes = note["event"].to_string();
        let event = Event::parse(bytes.as_bytes());
        for record in &event.records {
            let context = &record.contexts.winner().expect("a context").context;
            let context = SpanContext::from(context);
            found.push((context.trace_id(), context.span_id()));
        }
    }
    assert_eq!(found.len(), bodies.len());
    found.sort_unstable_by_key(|(_, id)| id.to_bytes());
    found.dedup();
    assert_eq!(found, senders);
    senders.len()
}
