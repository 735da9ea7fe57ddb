//! The code of docs/other-languages.md that runs here, taken out of the page: it continues what we send, we continue what it
//! sends, and neither breaks a send.

use std::fs;
use std::path::PathBuf;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use baton_propagators::sqs::TraceInterceptor;
use local_lambda::{Config, LocalLambda, SqsMapping};
use opentelemetry::trace::TracerProvider;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tempfile::TempDir;

use crate::harness::collector::{Collector, ids, links, text};
use crate::harness::consumer::{Running, consumer};
use crate::harness::deadline::eventually;
use crate::harness::interpreters::workspace;
use crate::harness::peers::{self, Language};
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry for Python: cargo xtask test --all"]
async fn python() {
    Page::new(Language::Python).await.works().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry for Node: cargo xtask test --all"]
async fn node() {
    Page::new(Language::Node).await.works().await;
}

/// The code of one language, and what it talks to.
struct Page {
    language: Language,
    file: PathBuf,
    _dir: TempDir,
    server: SqsServer,
    queue: String,
}

impl Page {
    async fn new(language: Language) -> Self {
        let (fence, name) = match language {
            Language::Python => ("```python\n", "queues.py"),
            Language::Node => ("```js\n", "queues.cjs"),
        };
        let page = fs::read_to_string(workspace().join("docs/other-languages.md")).unwrap();
        let (_, code) = page.split_once(fence).expect("the page has the language");
        let (code, _) = code.split_once("```\n").expect("the code ends");
        let dir = TempDir::new().unwrap();
        let file = dir.path().join(name);
        fs::write(&file, code).unwrap();
        let server = SqsServer::start().await;
        let queue = server.queue("orders", &[]).await;
        Self {
            language,
            file,
            _dir: dir,
            server,
            queue,
        }
    }

    async fn works(&self) {
        // The ninth is the last with room for a `traceparent`; then the header alone goes along.
        for own in [0, 9, 10] {
            self.we_continue_its_send(own).await;
        }
        self.it_continues_our_sends().await;
        self.its_function_continues_our_send().await;
    }

    async fn run(&self, collector: &Collector, command: &str, count: usize) {
        let file = self.file.to_str().unwrap();
        let arguments = [file, command, &self.queue, &count.to_string()];
        peers::run_page(self.language, &self.server, collector, &arguments).await;
    }

    async fn we_continue_its_send(&self, own: usize) {
        let collector = Collector::start().await;
        self.run(&collector, "send", own).await;
        let sends = collector.of_kind(SpanKind::Producer);
        let consumer = Running::start(
            consumer(&self.server, &self.queue),
            move |message| async move {
                let attributes = message.message_attributes().map_or(0, |all| all.len());
                if attributes == (own + 1).min(10) {
                    Ok(())
                } else {
                    Err(format!("{attributes} attributes"))
                }
            },
        );
        self.server.drained(&self.queue).await;
        let (report, spans) = consumer.stop().await;
        assert_eq!(
            (report.processed, report.failed),
            (1, 0),
            "{own}: {spans:?}"
        );
        let parent = (spans[0].span_context.trace_id(), spans[0].parent_span_id);
        assert_eq!(parent, ids(&sends[0]), "{own}");
    }

    async fn it_continues_our_sends(&self) {
        let collector = Collector::start().await;
        let mut sent = Vec::new();
        for own in [0, 10] {
            sent.push(send(&self.server, &self.queue, own).await);
        }
        self.run(&collector, "process", sent.len()).await;
        let processes = collector.of_kind(SpanKind::Consumer);
        let mut found: Vec<_> = processes.iter().flat_map(links).collect();
        found.sort_unstable_by_key(|(_, id)| id.to_bytes());
        sent.sort_unstable_by_key(|(_, id)| id.to_bytes());
        assert_eq!(found, sent);
        for process in &processes {
            says_what_sql_asks_for(process);
            let inside =
                |span: &Span| span.name == "ship" && span.parent_span_id == process.span_id;
            assert!(collector.spans().iter().any(inside), "{:?}", process.name);
        }
    }

    async fn its_function_continues_our_send(&self) {
        let collector = Collector::start().await;
        let sent = send(&self.server, &self.queue, 0).await;
        let mut function = peers::page_function(self.language, &collector);
        let file = self.file.display().to_string();
        function.env.insert("PAGE".to_owned(), file);
        function.sqs = vec![SqsMapping::new(&self.queue)];
        let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
        let process = eventually("the span of the message", || async {
            collector.of_kind(SpanKind::Consumer).pop()
        })
        .await;
        self.server.drained(&self.queue).await;
        lambda.shutdown().await;
        assert_eq!(links(&process), [sent]);
        says_what_sql_asks_for(&process);
    }
}

#[track_caller]
fn says_what_sql_asks_for(process: &Span) {
    assert_eq!(process.name, "process orders");
    for (name, value) in [
        ("messaging.system", "aws_sqs"),
        ("messaging.operation.type", "process"),
        ("messaging.destination.name", "orders"),
    ] {
        assert_eq!(text(process, name), Some(value));
    }
    let names: Vec<_> = process.attributes.iter().map(|a| a.key.as_str()).collect();
    for name in [
        "messaging.message.id",
        "baton.sent_time_ms",
        "baton.receive_count",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
}

/// Sends through our interceptor a message that has `own` attributes already; returns the span of the send.
async fn send(
    server: &SqsServer,
    queue: &str,
    own: usize,
) -> (opentelemetry::TraceId, opentelemetry::SpanId) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let config = server.client().config().to_builder();
    let interceptor = TraceInterceptor::new(provider.tracer("shop"));
    let client = Client::from_conf(config.interceptor(interceptor).build());
    let mut message = client.send_message().queue_url(queue).message_body("{}");
    for n in 0..own {
        let kept = MessageAttributeValue::builder().data_type("String");
        let kept = kept.string_value("kept").build().unwrap();
        message = message.message_attributes(format!("own{n}"), kept);
    }
    message.send().await.unwrap();
    let span = exporter.get_finished_spans().unwrap().remove(0);
    (span.span_context.trace_id(), span.span_context.span_id())
}
