//! Spans and metrics. Nothing here can stop a message.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime},
};

use aws_sdk_sqs::types::Message;
use opentelemetry::{
    Context, KeyValue,
    global::{self, BoxedTracer},
    metrics::Meter,
    trace::{Link, Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer},
};

use super::{
    meters::{Meters, lag},
    origin::process_span,
    outcome::Outcome,
};
use crate::{attribute as a, carrier::MessageAttributes, event::attributes::count};

/// Where the spans and figures of one consumer go.
pub(super) struct Observer {
    queue: String,
    url: String,
    tracer: BoxedTracer,
    pub(super) meters: Meters,
    client_spans: bool,
    complained: AtomicBool,
}

/// A request to SQS, for its span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) started: SystemTime,
    pub(super) messages: usize,
}

// ===== impl Observer =====

impl Observer {
    pub(super) fn new(
        queue: &str,
        url: &str,
        tracer: Option<BoxedTracer>,
        meter: Option<Meter>,
        client_spans: bool,
    ) -> Self {
        let scope = env!("CARGO_PKG_NAME");
        Self {
            queue: queue.to_owned(),
            url: url.to_owned(),
            tracer: tracer.unwrap_or_else(|| global::tracer(scope)),
            meters: Meters::new(&meter.unwrap_or_else(|| global::meter(scope)), queue),
            client_spans,
            complained: AtomicBool::new(false),
        }
    }

    /// Starts the span of a message; the handler runs in the context that is returned.
    pub(super) fn start(&self, message: &Message) -> Context {
        let lag = lag(message, SystemTime::now());
        self.meters.started(lag);
        let started = self.quietly(|| {
            let (span, parent) = process_span(message, &self.queue);
            let context = parent.with_span(self.tracer.build_with_context(span, &parent));
            if let Some(lag) = lag.and_then(|lag| i64::try_from(lag.as_millis()).ok()) {
                let lag = KeyValue::new(a::BATON_QUEUE_LAG_MS, lag);
                context.span().set_attribute(lag);
            }
            context
        });
        started.unwrap_or_else(Context::current)
    }

    /// Ends it.
    pub(super) fn finish(&self, context: &Context, outcome: &Outcome, took: Duration) {
        self.meters.finished(outcome, took);
        self.quietly(|| {
            let span = context.span();
            span.set_attribute(KeyValue::new(a::BATON_OUTCOME, outcome.as_str()));
            if let Some(failure) = outcome.failure() {
                failure.record(&span);
            }
            span.end();
        });
    }

    /// A span of a request that is over, for those who want them.
    pub(super) fn request(&self, request: Request, received: &[Message], error: Option<&str>) {
        let nothing = request.messages == 0 && error.is_none();
        if !self.client_spans || nothing {
            return;
        }
        self.quietly(|| {
            let attributes = [
                KeyValue::new(a::MESSAGING_SYSTEM, a::AWS_SQS),
                KeyValue::new(a::MESSAGING_OPERATION_NAME, request.name),
                KeyValue::new(a::MESSAGING_OPERATION_TYPE, request.kind),
                KeyValue::new(a::MESSAGING_DESTINATION_NAME, self.queue.clone()),
                KeyValue::new(a::AWS_SQS_QUEUE_URL, self.url.clone()),
                KeyValue::new(a::MESSAGING_BATCH_MESSAGE_COUNT, count(request.messages)),
            ];
            let contexts = received
                .iter()
                .filter_map(|message| MessageAttributes(message).context());
            let span = SpanBuilder::from_name(format!("{} {}", request.name, self.queue))
                .with_kind(SpanKind::Client)
                .with_start_time(request.started)
                .with_attributes(attributes)
                .with_links(
                    contexts
                        .map(|context| Link::with_context((&context).into()))
                        .collect(),
                );
            let mut span = self.tracer.build_with_context(span, &Context::new());
            if let Some(error) = error {
                span.set_status(Status::error(error.to_owned()));
            }
            span.end();
        });
    }

    /// A tracer or an exporter that panics costs a span, never a message.
    fn quietly<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(work)).ok();
        if done.is_none() && !self.complained.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "tracing panicked: spans of `{}` may be missing (not logged again)",
                self.queue
            );
        }
        done
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer")
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
