//! A send that is under way, and its span.

use std::{
    borrow::Cow,
    error::Error as StdError,
    iter,
    sync::atomic::{AtomicBool, Ordering},
};

use aws_smithy_runtime_api::{
    client::{
        interceptors::context::{Error, FinalizerInterceptorContextRef},
        orchestrator::{HttpRequest, OrchestratorError},
    },
    http::Headers,
};
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use opentelemetry::{
    Context, KeyValue, Value,
    trace::{SpanBuilder, SpanRef, Status, TraceContextExt},
};

use super::{operation::Erased, subject::Subject};
use crate::{attribute as a, tracer::ChosenTracer};

/// It lives in the request's configuration: one for all attempts, and dropped with the request when the caller gives up,
/// which ends the span.
#[derive(Debug)]
pub(super) struct Sending {
    context: Context,
    operation: &'static Erased,
    /// For `X-Amzn-Trace-Id`.
    pub(super) header: Option<String>,
    has_address: AtomicBool,
}

impl Storable for Sending {
    type Storer = StoreReplace<Self>;
}

// ===== impl Sending =====

impl Sending {
    pub(super) fn start(
        tracer: &ChosenTracer,
        operation: &'static Erased,
        subject: Subject,
    ) -> Self {
        let span = SpanBuilder::from_name(subject.name)
            .with_kind(subject.kind)
            .with_attributes(subject.attributes);
        let parent = Context::current();
        let context = parent.with_span(tracer.start(span, &parent));
        Self {
            context,
            operation,
            header: None,
            has_address: AtomicBool::new(false),
        }
    }

    pub(super) const fn context(&self) -> &Context {
        &self.context
    }

    /// The endpoint, once it is known.
    pub(super) fn is_sent(&self, request: &HttpRequest) {
        if self.has_address.swap(true, Ordering::Relaxed) {
            return;
        }
        let Ok(uri) = request.uri().parse::<http::Uri>() else {
            return;
        };
        self.set(a::SERVER_ADDRESS, uri.host());
        let port = uri.port_u16().map(|port| Value::from(i64::from(port)));
        self.span()
            .set_attributes(port.map(|port| KeyValue::new(a::SERVER_PORT, port)));
    }

    pub(super) fn finish(&self, context: &FinalizerInterceptorContextRef<'_>) {
        if let Some(response) = context.response() {
            self.set(a::AWS_REQUEST_ID, request_id(response.headers()));
        }
        match context.output_or_error() {
            Some(Ok(output)) => {
                let answer = (self.operation.answer)(output);
                self.span().set_attributes(answer.attributes);
                if let Some((kind, text)) = answer.refused {
                    self.error(kind, text);
                }
            }
            Some(Err(error)) => self.failed(error),
            None => {}
        }
        self.span().end();
    }

    fn failed(&self, error: &OrchestratorError<Error>) {
        let Some(refused) = error.as_operation_error() else {
            // The text of an orchestrator error is only its kind.
            let detail = error.as_connector_error();
            let text = detail.map_or_else(|| format!("{error:?}"), |detail| last_source(detail));
            return self.error(transport(error), text);
        };
        let known = (self.operation.error)(refused);
        let code = known.and_then(|meta| meta.code()).unwrap_or(a::OTHER);
        let text = known.and_then(|meta| meta.message());
        let text = text.map_or_else(|| last_source(refused), str::to_owned);
        self.error(code.to_owned(), text);
    }

    fn error(&self, kind: impl Into<Cow<'static, str>>, text: String) {
        self.span()
            .set_attribute(KeyValue::new(a::ERROR_TYPE, kind.into()));
        self.span().set_status(Status::error(text));
    }

    fn set(&self, key: &'static str, value: Option<&str>) {
        let attribute = value.map(|value| KeyValue::new(key, value.to_owned()));
        self.span().set_attributes(attribute);
    }

    fn span(&self) -> SpanRef<'_> {
        self.context.span()
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/get-request-ids.html>: services have written it in two ways.
fn request_id(headers: &Headers) -> Option<&str> {
    headers
        .get("x-amzn-requestid")
        .or_else(|| headers.get("x-amz-request-id"))
}

/// The kinds of error that never reached the service, or got no answer that could be read.
fn transport(error: &OrchestratorError<Error>) -> &'static str {
    match error {
        error if error.is_timeout_error() => "timeout",
        error if error.is_connector_error() => "connection",
        error if error.is_response_error() => "response",
        _ => a::OTHER,
    }
}

/// What happened stands at the end of the sources.
fn last_source(error: &(dyn StdError + 'static)) -> String {
    let last = iter::successors(Some(error), |error| (*error).source()).last();
    last.unwrap_or(error).to_string()
}
