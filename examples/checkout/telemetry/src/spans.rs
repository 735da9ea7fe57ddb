//! A span around a piece of business logic, with its error on it.

use std::fmt::Display;
use std::future::Future;

use opentelemetry::trace::{FutureExt, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, global};

/// Runs `work` inside a span, a child of the current one; an error is recorded on it and passed on.
///
/// # Errors
/// What `work` returns.
pub async fn in_span<T, E: Display>(
    name: &'static str,
    attributes: impl IntoIterator<Item = KeyValue>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let tracer = global::tracer("checkout");
    let span = tracer
        .span_builder(name)
        .with_attributes(attributes)
        .start(&tracer);
    let context = Context::current_with_span(span);
    let done = work.with_context(context.clone()).await;
    if let Err(error) = &done {
        fail(&context, error);
    }
    context.span().end();
    done
}

/// Marks the span of `context` as failed.
pub fn fail(context: &Context, error: &impl Display) {
    context.span().set_status(Status::error(error.to_string()));
}
