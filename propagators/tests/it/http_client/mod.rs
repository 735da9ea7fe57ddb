//! `HttpTracing` around real clients, against a server of our own.

mod caller;
mod failures;
mod hyper_client;
mod reqwest_client;
mod retries;
mod server;

use baton_propagators::{format::Formats, http_client::HttpTracing};
use expect_test::Expect;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

use crate::described::describe;
use server::Server;

/// A server, and the spans of its clients.
struct Exchange {
    server: Server,
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Exchange {
    async fn new() -> Self {
        // Another package of the same build turns TLS on in reqwest without a backend.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        Self {
            server: Server::start().await,
            exporter,
            provider,
        }
    }

    fn tracing(&self) -> HttpTracing {
        HttpTracing::new(self.provider.tracer("shop"))
    }

    /// Spans, and nothing in the headers.
    fn silent(&self) -> HttpTracing {
        self.tracing().formats(Formats::none())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    fn spans(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    /// The spans, and the context that each request brought; ports and ids of spans change from run to run.
    #[track_caller]
    fn check(&self, expected: &Expect) {
        let spans = self.spans();
        let mut text = describe(&spans);
        for traceparent in self.server.headers("traceparent") {
            text.push_str(&format!("> {traceparent}\n"));
        }
        text = text.replace(&self.server.address.port().to_string(), "PORT");
        for (index, span) in spans.iter().enumerate() {
            let id = span.span_context.span_id().to_string();
            text = text.replace(&id, &format!("SPAN{index}"));
        }
        expected.assert_eq(&text);
    }
}
