//! The span of a query: what the text says at the start, what the answer adds, and its end in any case.

use std::borrow::Cow;

use opentelemetry::{
    Context, KeyValue,
    global::BoxedSpan,
    trace::{Span, SpanBuilder, SpanContext, SpanKind, Status},
};
use sqlx_core::error::Error;

use super::{TracedDatabase, describe::Statement, names};
use crate::{attribute as a, tracer::ChosenTracer};

/// Ends when it is dropped: with the last row, with the error, or when the caller gives up.
pub(super) struct QuerySpan {
    span: BoxedSpan,
    writes: bool,
    answered: bool,
    failed: bool,
    rows: u64,
    /// How many statements have answered.
    results: u32,
    affected: u64,
}

impl QuerySpan {
    pub(super) fn start(
        tracer: &ChosenTracer,
        shared: &[KeyValue],
        statement: Statement,
        parent: &Context,
    ) -> Self {
        let mut attributes = Vec::with_capacity(shared.len() + 7);
        attributes.extend_from_slice(shared);
        let name = match (statement.summary.as_str(), shared.first()) {
            // Without operation and table the conventions fall back to the system.
            ("", Some(system)) => system.value.as_str().into_owned(),
            (summary, _) => summary.to_owned(),
        };
        let texts = [
            (names::DB_QUERY_TEXT, Some(statement.text)),
            (names::DB_QUERY_SUMMARY, Some(statement.summary)),
            (names::DB_OPERATION_NAME, statement.operation),
            (names::DB_COLLECTION_NAME, statement.collection),
        ];
        attributes.extend(texts.into_iter().filter_map(|(key, text)| {
            let text = text.filter(|text| !text.is_empty())?;
            Some(KeyValue::new(key, text))
        }));
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Client)
            .with_attributes(attributes);
        Self {
            span: tracer.start(builder, parent),
            writes: statement.writes,
            answered: false,
            failed: false,
            rows: 0,
            results: 0,
            affected: 0,
        }
    }

    pub(super) fn context(&self) -> &SpanContext {
        self.span.span_context()
    }

    pub(super) fn row(&mut self) {
        self.rows += 1;
    }

    /// The result of one statement of the query.
    pub(super) fn affected(&mut self, rows: u64) {
        self.results = self.results.saturating_add(1);
        self.affected = rows;
    }

    /// Nothing more will come.
    pub(super) fn answered(&mut self) {
        self.answered = true;
    }

    pub(super) fn fail<DB: TracedDatabase>(&mut self, error: &Error) {
        self.failed = true;
        let (kind, message) = match error {
            Error::Database(error) => {
                let code = DB::status_code(error.as_ref());
                if let Some(code) = &code {
                    self.set(names::DB_RESPONSE_STATUS_CODE, code.clone());
                }
                let kind = code.map_or(Cow::Borrowed(a::OTHER), Cow::Owned);
                (kind, error.message().to_owned())
            }
            error => (Cow::Borrowed(kind_of(error)), error.to_string()),
        };
        self.set(a::ERROR_TYPE, kind);
        self.span.set_status(Status::error(message));
    }

    fn set(&mut self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        self.span.set_attribute(KeyValue::new(key, value));
    }

    fn count(&mut self) {
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        let read = self.answered && !self.failed && !self.writes;
        if self.rows > 0 || read {
            self.set(names::DB_RESPONSE_RETURNED_ROWS, number(self.rows));
        }
        // After a statement that changes nothing, SQLite still knows the number of the one before: no sum is true.
        if self.writes && self.results == 1 {
            self.set(names::BATON_AFFECTED_ROWS, number(self.affected));
        }
    }
}

impl Drop for QuerySpan {
    fn drop(&mut self) {
        if self.span.is_recording() {
            self.count();
        }
        self.span.end();
    }
}

/// The kinds of error that the database gave no code.
fn kind_of(error: &Error) -> &'static str {
    match error {
        Error::Configuration(_) => "configuration",
        Error::InvalidArgument(_) => "invalid_argument",
        Error::Io(_) => "io",
        Error::Tls(_) => "tls",
        Error::Protocol(_) => "protocol",
        Error::TypeNotFound { .. } => "type_not_found",
        Error::Encode(_) => "encode",
        Error::Decode(_) | Error::ColumnDecode { .. } => "decode",
        Error::PoolTimedOut => "pool_timed_out",
        Error::PoolClosed => "pool_closed",
        Error::WorkerCrashed => "worker_crashed",
        Error::BeginFailed | Error::InvalidSavePointStatement => "begin_failed",
        _ => a::OTHER,
    }
}
