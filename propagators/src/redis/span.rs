//! The span of a command or a pipeline: what the answer adds, and its end in any case.

use std::borrow::Cow;

use opentelemetry::{
    KeyValue,
    global::BoxedSpan,
    trace::{Span, Status},
};
use redis::{RedisError, ServerError, Value};

use crate::attribute as a;

pub(super) const DB_RESPONSE_STATUS_CODE: &str = "db.response.status_code";

/// Ends when it is dropped: with the answer, or when the caller gives up.
pub(super) struct CallSpan(pub(super) BoxedSpan);

impl CallSpan {
    /// The answers of the server, errors among them.
    pub(super) fn answered(&mut self, answers: &[Value]) {
        let mut errors = answers.iter().flat_map(errors);
        let Some(first) = errors.next() else { return };
        let text = match (errors.count(), text(first.details().unwrap_or_default())) {
            (0, text) => text.into_owned(),
            (others, text) => format!("{text} (and {others} more)"),
        };
        self.refused(first.code().to_owned(), text);
    }

    pub(super) fn failed(&mut self, error: &RedisError) {
        if let Some(code) = error.code() {
            let detail = text(error.detail().unwrap_or_default()).into_owned();
            return self.refused(code.to_owned(), detail);
        }
        let kind = if error.is_timeout() {
            "timeout"
        } else if error.is_connection_refusal() {
            "connection_refused"
        } else if error.is_connection_dropped() {
            "connection_closed"
        } else if error.is_io_error() {
            "io"
        } else {
            a::OTHER
        };
        self.set(a::ERROR_TYPE, kind);
        self.0
            .set_status(Status::error(error.category().to_owned()));
    }

    fn refused(&mut self, code: String, text: String) {
        self.set(DB_RESPONSE_STATUS_CODE, code.clone());
        self.set(a::ERROR_TYPE, code);
        self.0.set_status(Status::error(text));
    }

    fn set(&mut self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        self.0.set_attribute(KeyValue::new(key, value));
    }
}

impl Drop for CallSpan {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A transaction answers with one array.
fn errors<'v>(answer: &'v Value) -> Vec<&'v ServerError> {
    let values = match answer {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let error = |value: &'v Value| match value {
        Value::ServerError(error) => Some(error),
        _ => None,
    };
    values.iter().filter_map(error).collect()
}

/// The server repeats what it was sent when it does not know a command.
fn text(details: &str) -> Cow<'_, str> {
    let end = details.find(", with args beginning with");
    Cow::Borrowed(end.and_then(|end| details.get(..end)).unwrap_or(details))
}
