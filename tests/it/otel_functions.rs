//! What we send, a Lambda function under OpenTelemetry's instrumentation links to.

use aws_sdk_sqs::Client;
use baton_propagators::sqs::TraceInterceptor;
use local_lambda::{Config, LocalLambda, SqsMapping};
use opentelemetry::trace::TracerProvider;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

use crate::harness::collector::{Collector, ids, links};
use crate::harness::deadline::eventually;
use crate::harness::peers::{self, Language};
use crate::harness::sqs_server::SqsServer;

/// It reads the message attributes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn a_python_function() {
    the_process_span_links_to_the_send(Language::Python, None).await;
}

/// It reads the message attributes when it is told to.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn a_node_function() {
    the_process_span_links_to_the_send(Language::Node, Some("attributes")).await;
}

/// Without that it reads the X-Ray header, which goes along.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's instrumentations: cargo xtask test --all"]
async fn a_node_function_by_default() {
    the_process_span_links_to_the_send(Language::Node, None).await;
}

async fn the_process_span_links_to_the_send(language: Language, reads: Option<&str>) {
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
    let send = client.send_message().queue_url(&queue).message_body("{}");
    send.send().await.unwrap();
    let sent = exporter
        .get_finished_spans()
        .unwrap()
        .remove(0)
        .span_context;

    let mut function = peers::function(language, &collector);
    if let Some(reads) = reads {
        function
            .env
            .insert("SQS_LINKS".to_owned(), reads.to_owned());
    }
    function.sqs = vec![SqsMapping::new(&queue)];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let process = eventually("the span of the batch", || async {
        collector.of_kind(SpanKind::Consumer).pop()
    })
    .await;
    server.drained(&queue).await;
    lambda.shutdown().await;

    assert_eq!(links(&process), [(sent.trace_id(), sent.span_id())]);
    // What the handler does is inside of it, or of the invocation.
    let spans = collector.spans();
    let handled = spans
        .iter()
        .find(|span| span.name == "ship" && span.kind() == SpanKind::Internal);
    assert_eq!(ids(handled.expect("the handler ran")).0, ids(&process).0);
}
