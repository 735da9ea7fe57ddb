//! One invocation and its spans.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use lambda_runtime::LambdaInvocation;
use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{SpanRef, Status, TraceContextExt},
};

use super::{
    messages::{Messages, Outcome},
    peek::Answer,
    start,
};
use crate::{
    BatonSpan, attribute as a,
    event::{Reader, Trigger},
    failure::Failure,
    format::Sampling,
    origin::with_extra,
};

/// What the layer starts, the wrappers inside describe, and the layer ends.
///
/// Where Baton's extension made the span, all of this goes to a context without a span of ours, which takes it and does nothing.
pub(super) struct Invocation {
    tracer: Arc<BoxedTracer>,
    trigger: Trigger,
    /// Holds the invocation span, and never [`Current`]: that would keep both alive for ever.
    context: Context,
    messages: Mutex<Messages>,
    /// Whether a wrapped handler was called.
    handled: AtomicBool,
}

/// Whether this process has a wrapped handler, which then shows in every invocation. A process has one runtime.
static WRAPPED: AtomicBool = AtomicBool::new(false);

/// How the wrappers find the invocation: it rides in the OpenTelemetry context.
struct Current(Arc<Invocation>);

/// The context of a message's `process` span, for handlers that loop over a batch themselves.
///
/// `message_id` is what `batchItemFailures` lists: the message id of SQS, the sequence number of Kinesis and DynamoDB,
/// `topic-partition-offset` of Kafka; see [`Record::message_id`](crate::event::Record::message_id).
///
/// The span starts with the first call for a message and ends with the invocation, with the outcome that the response
/// reports. For an unknown id, and outside of [`TraceLayer`](super::TraceLayer), it is the current context.
///
/// ```
/// use baton_propagators::lambda::message_context;
/// use opentelemetry::context::FutureExt;
///
/// # async fn ship(body: &str) {}
/// # async fn handle(id: &str, body: &str) {
/// ship(body).with_context(message_context(id)).await;
/// # }
/// ```
#[must_use]
pub fn message_context(message_id: &str) -> Context {
    let context =
        Invocation::current().and_then(|invocation| invocation.message_context(message_id));
    context.unwrap_or_else(Context::current)
}

/// The same for the record at an index of the event, counted over all partitions and queues.
///
/// ```
/// use baton_propagators::lambda::message_context_at;
/// use opentelemetry::context::FutureExt;
///
/// # async fn count(click: &str) {}
/// # async fn handle(clicks: &[String]) {
/// for (index, click) in clicks.iter().enumerate() {
///     count(click).with_context(message_context_at(index)).await;
/// }
/// # }
/// ```
#[must_use]
pub fn message_context_at(index: usize) -> Context {
    let invocation = Invocation::current();
    let context = invocation.and_then(|invocation| invocation.message_context_at(index));
    context.unwrap_or_else(Context::current)
}

// ===== impl Invocation =====

impl Invocation {
    pub(super) fn start(
        tracer: Arc<BoxedTracer>,
        reader: &Reader,
        request: &LambdaInvocation,
        cold: bool,
    ) -> Self {
        let started = SystemTime::now();
        let event = start::read(reader, request);
        let made = BatonSpan::read(&request.parts.headers);
        let context = match &made {
            Some(made) => start::layers_span(&event, made),
            None => start::own_span(&tracer, &event, &request.context, cold, started),
        };
        let mut extra = event.extra();
        // The extension has decided.
        if made.is_some() && extra.sampling == Sampling::Deferred {
            extra.sampling = Sampling::Flag;
        }
        let context = with_extra(&context, extra);
        let messages = Messages::new(&event, &context, made.as_ref(), started);
        Self {
            tracer,
            trigger: event.trigger,
            context,
            messages: Mutex::new(messages),
            handled: AtomicBool::new(false),
        }
    }

    /// Tells that handlers of this process show when they are called.
    pub(super) fn expect_handler() {
        WRAPPED.store(true, Ordering::Relaxed);
    }

    /// The invocation that a handler is called for.
    pub(super) fn handle() -> Option<Arc<Self>> {
        let invocation = Self::current()?;
        invocation.handled.store(true, Ordering::Relaxed);
        Some(invocation)
    }

    /// The invocation that the running code belongs to.
    fn current() -> Option<Arc<Self>> {
        Context::map_current(|context| {
            context
                .get::<Current>()
                .map(|current| Arc::clone(&current.0))
        })
    }

    /// The context that the handler runs in.
    pub(super) fn context(self: &Arc<Self>) -> Context {
        self.findable(&self.context)
    }

    /// The context that one message is handled in; starts its span.
    pub(super) fn message_context(self: &Arc<Self>, id: &str) -> Option<Context> {
        let index = self.messages().index_of(id)?;
        self.message_context_at(index)
    }

    /// The same by its index.
    fn message_context_at(self: &Arc<Self>, index: usize) -> Option<Context> {
        let context = self.messages().start(index, &self.tracer, &self.context)?;
        Some(self.findable(&context))
    }

    /// The same for a handler of ours, which knows when the message is done and why it failed.
    pub(super) fn handling_context(self: &Arc<Self>, id: &str) -> Option<Context> {
        let index = self.messages().index_of(id)?;
        let context = self
            .messages()
            .start_handling(index, &self.tracer, &self.context)?;
        Some(self.findable(&context))
    }

    /// Ends the span of a message with its outcome.
    pub(super) fn settle(&self, id: &str, outcome: &Outcome) {
        self.messages().settle(id, outcome);
    }

    /// Takes in what the handler returned, after it returned.
    pub(super) fn answered(&self, answer: &Answer) {
        if self.trigger.is_http() {
            self.http_status(answer.status.or_else(|| self.implied_status()));
        }
        let mut messages = self.messages();
        let failed = answer
            .failures
            .as_ref()
            .is_some_and(|failures| messages.all_failed(failures));
        messages.settle_rest(&self.tracer, &self.context, |id| {
            let listed = answer
                .failures
                .iter()
                .flatten()
                .flatten()
                .any(|failed| failed == id);
            if failed || listed {
                Outcome::reported(self.trigger)
            } else {
                Outcome::Ok
            }
        });
    }

    /// Takes in that the handler failed, or panicked.
    pub(super) fn failed(&self, failure: &Failure) {
        failure.record(&self.span());
        let outcome = Outcome::Failed(failure.clone());
        self.messages()
            .settle_rest(&self.tracer, &self.context, |_| outcome.clone());
    }

    /// Ends every span that is still open.
    pub(super) fn finish(&self) {
        // The runtime deserializes the event before it calls the handler, and reports it to Lambda when it cannot.
        if WRAPPED.load(Ordering::Relaxed) && !self.handled.load(Ordering::Relaxed) {
            let text = "the event is not of the handler's type: the handler did not run";
            self.failed(&Failure::new("deserialization", text));
        }
        self.messages().finish(&self.tracer, &self.context);
        self.span().end();
    }

    /// What invoked the function.
    pub(super) const fn trigger(&self) -> Trigger {
        self.trigger
    }

    /// Whether the response says anything about the spans.
    pub(super) fn wants_answer(&self) -> bool {
        self.trigger != Trigger::Other
    }

    /// API Gateway v2 and Function URLs make a 200 of a response without a status.
    fn implied_status(&self) -> Option<u16> {
        matches!(self.trigger, Trigger::ApiGatewayV2 | Trigger::FunctionUrl).then_some(200)
    }

    fn http_status(&self, status: Option<u16>) {
        let Some(status) = status else { return };
        let span = self.span();
        span.set_attribute(KeyValue::new(
            a::HTTP_RESPONSE_STATUS_CODE,
            i64::from(status),
        ));
        if status >= 500 {
            span.set_attribute(KeyValue::new(a::ERROR_TYPE, status.to_string()));
            span.set_status(Status::error(""));
        }
    }

    fn span(&self) -> SpanRef<'_> {
        self.context.span()
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn findable(self: &Arc<Self>, context: &Context) -> Context {
        context.with_value(Current(Arc::clone(self)))
    }
}
