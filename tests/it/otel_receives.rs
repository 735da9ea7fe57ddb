//! What we send, OpenTelemetry's instrumentations of other languages continue when they receive it.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use baton_propagators::sqs::TraceInterceptor;
use opentelemetry::trace::{SpanKind as OurKind, TracerProvider};
use opentelemetry::{SpanId, TraceId};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

use crate::harness::collector::{Collector, ids, links};
use crate::harness::peers::{self, Language};
use crate::harness::sqs_server::SqsServer;

type Ids = (TraceId, SpanId);

/// Its span of a message links to the sender, and is the current one while the message is handled.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn python_receives() {
    let (sent, collector) = receive(Language::Python).await;
    let spans = collector.spans();
    let process: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "orders process")
        .collect();
    let found = process.iter().flat_map(|span| links(span)).collect();
    assert_eq!(sorted(found), sent);
    for span in process {
        let (_, id) = ids(span);
        let children = spans
            .iter()
            .filter(|child| child.parent_span_id == id.to_bytes());
        let names: Vec<_> = children.map(|child| child.name.as_str()).collect();
        assert!(
            names.iter().any(|name| name.starts_with("ship ")),
            "{names:?}"
        );
    }
}

/// Its span of a receive links to all senders.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn node_receives() {
    let (sent, collector) = receive(Language::Node).await;
    let receives = collector.of_kind(SpanKind::Consumer);
    assert_eq!(sorted(receives.iter().flat_map(links).collect()), sent);
}

/// Sends one message alone and two in a batch; returns the sender of each, and what the receiver exported.
async fn receive(language: Language) -> (Vec<Ids>, Collector) {
    let server = SqsServer::start().await;
    let collector = Collector::start().await;
    let queue = server.queue("orders", &[]).await;
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let config = server.client().config().to_builder();
    let interceptor = TraceInterceptor::new(provider.tracer("shop"));
    let client = Client::from_conf(config.interceptor(interceptor).build());

    let one = client.send_message().queue_url(&queue).message_body("1");
    one.send().await.unwrap();
    let entry = |id: &str| {
        let entry = SendMessageBatchRequestEntry::builder();
        entry.id(id).message_body(id).build().unwrap()
    };
    let batch = client.send_message_batch().queue_url(&queue);
    let batch = batch.entries(entry("2")).entries(entry("3")).send().await;
    assert_eq!(batch.unwrap().successful().len(), 2);
    peers::run(language, &server, &collector, &["receive", &queue, "3"]).await;

    let spans = exporter.get_finished_spans().unwrap();
    let mut sent = Vec::new();
    for (span, messages) in spans.iter().zip([1, 2]) {
        assert_eq!(span.span_kind, OurKind::Producer);
        let context = &span.span_context;
        sent.extend(vec![(context.trace_id(), context.span_id()); messages]);
    }
    (sorted(sent), collector)
}

fn sorted(mut ids: Vec<Ids>) -> Vec<Ids> {
    ids.sort_unstable_by_key(|(_, id)| id.to_bytes());
    ids
}
