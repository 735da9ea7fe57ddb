//! What we send, OpenTelemetry's instrumentations of other languages continue when they receive it.

use aws_sdk_sns::types::PublishBatchRequestEntry;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use baton_propagators::sqs::TraceInterceptor;
use opentelemetry::trace::{SpanKind as OurKind, TracerProvider};
use opentelemetry::{SpanId, TraceId};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

use crate::harness::collector::{Collector, ids, links};
use crate::harness::peers::{self, Language};
use crate::harness::sns;
use crate::harness::sqs_server::SqsServer;

type Ids = (TraceId, SpanId);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn python_receives_messages() {
    python_links(&messages(Language::Python).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn node_receives_messages() {
    node_links(&messages(Language::Node).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn python_receives_notifications() {
    python_links(&notifications(Language::Python).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn node_receives_notifications() {
    node_links(&notifications(Language::Node).await);
}

/// What was sent to whom.
struct Exchange {
    server: SqsServer,
    queue: String,
    collector: Collector,
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
    /// The sender of each message.
    sent: Vec<Ids>,
}

/// Its span of a message links to the sender, and is the current one while the message is handled.
#[track_caller]
fn python_links(exchange: &Exchange) {
    let spans = exchange.collector.spans();
    let process: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "orders process")
        .collect();
    let found = process.iter().flat_map(|span| links(span)).collect();
    assert_eq!(sorted(found), exchange.sent);
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
#[track_caller]
fn node_links(exchange: &Exchange) {
    let receives = exchange.collector.of_kind(SpanKind::Consumer);
    let found = receives.iter().flat_map(links).collect();
    assert_eq!(sorted(found), exchange.sent);
}

/// Sends one message alone and two in a batch, and lets the peer receive them.
async fn messages(language: Language) -> Exchange {
    let exchange = Exchange::new().await;
    let queue = &exchange.queue;
    let config = exchange.server.client().config().to_builder();
    let client = aws_sdk_sqs::Client::from_conf(config.interceptor(exchange.tracing()).build());
    let one = client.send_message().queue_url(queue).message_body("1");
    one.send().await.unwrap();
    let entry = |id: &str| {
        let entry = SendMessageBatchRequestEntry::builder();
        entry.id(id).message_body(id).build().unwrap()
    };
    let batch = client.send_message_batch().queue_url(queue);
    let batch = batch.entries(entry("2")).entries(entry("3")).send().await;
    assert_eq!(batch.unwrap().successful().len(), 2);
    exchange.received_by(language, &[1, 2]).await
}

/// The same through a topic, with raw delivery: these peers look at the attributes of a message, not into its body.
async fn notifications(language: Language) -> Exchange {
    let exchange = Exchange::new().await;
    let topic = sns::topic(&exchange.server, "orders").await;
    sns::subscribe(&exchange.server, &topic, &exchange.queue, true).await;
    let config = sns::config(&exchange.server).interceptor(exchange.tracing());
    let client = aws_sdk_sns::Client::from_conf(config.build());
    let one = client.publish().topic_arn(&topic).message("1");
    one.send().await.unwrap();
    let entry = |id: &str| {
        let entry = PublishBatchRequestEntry::builder();
        entry.id(id).message(id).build().unwrap()
    };
    let batch = client.publish_batch().topic_arn(&topic);
    let batch = batch.publish_batch_request_entries(entry("2"));
    let batch = batch.publish_batch_request_entries(entry("3")).send().await;
    assert_eq!(batch.unwrap().successful().len(), 2);
    exchange.received_by(language, &[1, 2]).await
}

impl Exchange {
    async fn new() -> Self {
        let server = SqsServer::start().await;
        let exporter = InMemorySpanExporter::default();
        Self {
            queue: server.queue("orders", &[]).await,
            server,
            collector: Collector::start().await,
            provider: SdkTracerProvider::builder()
                .with_simple_exporter(exporter.clone())
                .build(),
            exporter,
            sent: Vec::new(),
        }
    }

    fn tracing(&self) -> TraceInterceptor {
        TraceInterceptor::new(self.provider.tracer("shop"))
    }

    /// `messages`: of each send.
    async fn received_by(mut self, language: Language, messages: &[usize]) -> Self {
        let count = messages.iter().sum::<usize>().to_string();
        let receive = ["receive", &self.queue, &count];
        peers::run(language, &self.server, &self.collector, &receive).await;
        let spans = self.exporter.get_finished_spans().unwrap();
        assert_eq!(spans.len(), messages.len());
        for (span, messages) in spans.iter().zip(messages) {
            assert_eq!(span.span_kind, OurKind::Producer);
            let context = &span.span_context;
            let ids = (context.trace_id(), context.span_id());
            self.sent.extend(vec![ids; *messages]);
        }
        self.sent = sorted(self.sent);
        self
    }
}

fn sorted(mut ids: Vec<Ids>) -> Vec<Ids> {
    ids.sort_unstable_by_key(|(_, id)| id.to_bytes());
    ids
}
