//! The wrapper of `sqlx` against SQLite, a PostgreSQL and a MariaDB of its own.

mod answers;
mod laziness;
mod mariadb;
mod postgres;
pub(crate) mod server;
mod sqlite;
mod transactions;

use baton_propagators::sql::SqlTracing;
use expect_test::Expect;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracer, SdkTracerProvider};

use crate::described::describe;

/// Collects the spans of a test.
pub(crate) struct Spans {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Spans {
    pub(crate) fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        Self { exporter, provider }
    }

    pub(crate) fn tracing(&self) -> SqlTracing {
        SqlTracing::new(self.provider.tracer("shop"))
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        self.provider.tracer("shop")
    }

    /// The spans since the last time, as text.
    pub(crate) fn take(&self) -> String {
        let spans = self.exporter.get_finished_spans().unwrap();
        self.exporter.reset();
        describe(&spans)
    }

    /// Their names.
    pub(crate) fn names(&self) -> Vec<String> {
        let spans = self.exporter.get_finished_spans().unwrap();
        self.exporter.reset();
        spans.iter().map(|span| span.name.to_string()).collect()
    }

    #[track_caller]
    pub(crate) fn check(&self, expected: &Expect) {
        expected.assert_eq(&self.take());
    }
}
