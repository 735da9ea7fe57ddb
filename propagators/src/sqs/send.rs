//! The span of a send: what it says at the start, and what the response adds.

use std::borrow::Cow;

use aws_sdk_sqs::{
    error::ProvideErrorMetadata,
    operation::{
        RequestId,
        send_message::{SendMessageError, SendMessageOutput},
        send_message_batch::{SendMessageBatchError, SendMessageBatchOutput},
    },
};
use aws_smithy_runtime_api::client::{
    interceptors::context::{Error, Output},
    orchestrator::OrchestratorError,
};
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{SpanBuilder, SpanKind, SpanRef, Status, TraceContextExt, Tracer},
};

use crate::{attribute as a, context::TraceContext, event::attributes::count};

/// A send that is under way. It lives in the request's configuration: one for all attempts, and dropped with the request
/// when the caller gives up, which ends the span.
#[derive(Debug)]
pub(super) struct Send {
    context: Context,
}

/// What is known before the request is built.
pub(super) struct Subject<'a> {
    pub(super) queue_url: &'a str,
    /// Of a single message; a batch has a number of messages instead.
    pub(super) body_bytes: Option<usize>,
    pub(super) batch: Option<usize>,
    /// Whether consumers will continue this span.
    pub(super) is_parent: bool,
}

impl Storable for Send {
    type Storer = StoreReplace<Self>;
}

// ===== impl Send =====

impl Send {
    pub(super) fn start(tracer: &BoxedTracer, subject: &Subject<'_>) -> Self {
        let queue = subject
            .queue_url
            .rsplit('/')
            .next()
            .unwrap_or(subject.queue_url);
        let mut attributes = vec![
            KeyValue::new(a::MESSAGING_SYSTEM, a::AWS_SQS),
            KeyValue::new(a::MESSAGING_OPERATION_NAME, "send"),
            KeyValue::new(a::MESSAGING_OPERATION_TYPE, "send"),
            KeyValue::new(a::MESSAGING_DESTINATION_NAME, queue.to_owned()),
            KeyValue::new(a::AWS_SQS_QUEUE_URL, subject.queue_url.to_owned()),
        ];
        let numbers = [
            (a::MESSAGING_MESSAGE_BODY_SIZE, subject.body_bytes),
            (a::MESSAGING_BATCH_MESSAGE_COUNT, subject.batch),
        ];
        attributes.extend(
            numbers
                .into_iter()
                .filter_map(|(key, value)| Some(KeyValue::new(key, count(value?)))),
        );
        // A span whose context nobody gets is a call like any other.
        let kind = if subject.is_parent {
            SpanKind::Producer
        } else {
            SpanKind::Client
        };
        let span = SpanBuilder::from_name(format!("send {queue}"))
            .with_kind(kind)
            .with_attributes(attributes);

        let parent = Context::current();
        let context = parent.with_span(tracer.build_with_context(span, &parent));
        Self { context }
    }

    /// What the messages carry; nothing when tracing is suppressed.
    pub(super) fn trace_context(&self) -> Option<TraceContext<'static>> {
        TraceContext::from_span_context(self.span().span_context())
    }

    pub(super) fn finish(&self, result: Option<Result<&Output, &OrchestratorError<Error>>>) {
        match result {
            Some(Ok(output)) => self.sent(output),
            Some(Err(error)) => self.failed(error),
            None => {}
        }
        self.span().end();
    }

    fn sent(&self, output: &Output) {
        if let Some(output) = output.downcast_ref::<SendMessageOutput>() {
            self.set(a::MESSAGING_MESSAGE_ID, output.message_id());
            self.set(a::AWS_REQUEST_ID, output.request_id());
        }
        if let Some(output) = output.downcast_ref::<SendMessageBatchOutput>() {
            self.set(a::AWS_REQUEST_ID, output.request_id());
            if let [first, ..] = output.failed() {
                let (failed, all) = (
                    output.failed().len(),
                    output.failed().len() + output.successful().len(),
                );
                let text = format!(
                    "{failed} of {all} messages were refused: {}",
                    first.message().unwrap_or(first.code())
                );
                self.error(first.code().to_owned(), text);
            }
        }
    }

    fn failed(&self, error: &OrchestratorError<Error>) {
        let Some(refused) = error.as_operation_error() else {
            return self.error(transport(error), source_text(error));
        };
        let single = refused
            .downcast_ref::<SendMessageError>()
            .map(ProvideErrorMetadata::meta);
        let batch = || {
            refused
                .downcast_ref::<SendMessageBatchError>()
                .map(ProvideErrorMetadata::meta)
        };
        let known = single.or_else(batch);
        let code = known
            .and_then(|meta| meta.code())
            .unwrap_or(a::OTHER)
            .to_owned();
        let text = known
            .and_then(|meta| meta.message())
            .map_or_else(|| refused.to_string(), str::to_owned);
        self.set(a::AWS_REQUEST_ID, known.and_then(RequestId::request_id));
        self.error(code, text);
    }

    fn error(&self, kind: impl Into<Cow<'static, str>>, text: String) {
        self.span()
            .set_attribute(KeyValue::new(a::ERROR_TYPE, kind.into()));
        self.span().set_status(Status::error(text));
    }

    fn set(&self, key: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.span()
                .set_attribute(KeyValue::new(key, value.to_owned()));
        }
    }

    fn span(&self) -> SpanRef<'_> {
        self.context.span()
    }
}

/// The kinds of error that never reached SQS, or got no answer that could be read.
fn transport(error: &OrchestratorError<Error>) -> &'static str {
    match error {
        error if error.is_timeout_error() => "timeout",
        error if error.is_connector_error() => "connection",
        error if error.is_response_error() => "response",
        _ => a::OTHER,
    }
}

/// The text of an orchestrator error is only its kind; what happened is at the end of its sources.
fn source_text(error: &OrchestratorError<Error>) -> String {
    let detail = error
        .as_connector_error()
        .map(|error| error as &dyn std::error::Error);
    let last = std::iter::successors(detail, |error| error.source()).last();
    last.map_or_else(|| format!("{error:?}"), ToString::to_string)
}
