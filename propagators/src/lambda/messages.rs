//! The `process` spans of one invocation, one for each message.

use std::{collections::HashMap, mem, time::SystemTime};

use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{Link, SpanBuilder, SpanContext, SpanKind, TraceContextExt, Tracer},
};

use crate::{
    BatonSpan, attribute as a,
    context::SpanId,
    event::{Event, Found, Record, Trigger},
    failure::Failure,
    format::{Baggage, Extra},
    origin::{with_baggage, with_extra},
};

/// What became of one message.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Ok,
    Failed(Failure),
}

/// All messages of the event, in order.
pub(super) struct Messages {
    all: Vec<Message>,
    /// The first message with each id. SQS may deliver one twice in a batch: the second is not found by its id, and ends
    /// with the invocation.
    by_id: HashMap<String, usize>,
    invocation_started: SystemTime,
}

struct Message {
    id: String,
    destination: String,
    /// What the span starts with, until it does. A span starts late, so that it does not hold the wait for its turn.
    start: Option<Start>,
    span: Context,
    maker: Maker,
    settled: bool,
}

/// Who makes the span of a message, and ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// The message has a span of its own.
    Message,
    /// Of a single message the span is the invocation's own, which ends later.
    Invocation,
    /// Baton's extension, in another process.
    Extension,
}

struct Start {
    span: StartSpan,
    baggage: Baggage<'static>,
    extra: Extra<'static>,
}

enum StartSpan {
    New {
        name: String,
        attributes: Vec<KeyValue>,
        links: Vec<Link>,
    },
    /// It was started elsewhere.
    Made(Option<SpanId>),
}

// ===== impl Outcome =====

impl Outcome {
    /// The response lists the message and does not say why.
    pub(super) fn reported(trigger: Trigger) -> Self {
        let text = match trigger {
            Trigger::Firehose => "the response lists it as `ProcessingFailed`",
            _ => "the response lists it in `batchItemFailures`",
        };
        Self::Failed(Failure::new("", text))
    }
}

// ===== impl Messages =====

impl Messages {
    pub(super) fn new(
        event: &Event<'_>,
        invocation: &Context,
        made: Option<&BatonSpan>,
        started: SystemTime,
    ) -> Self {
        let maker = match (made, event.records.len()) {
            (Some(_), 1) => Maker::Extension,
            (Some(made), _) if made.process_spans() > 0 => Maker::Extension,
            (None, 1) => Maker::Invocation,
            (_, _) => Maker::Message,
        };
        // Of another reading of the event the indexes may be others: the messages then stand under the invocation.
        let made = made.filter(|made| made.process_spans() == event.records.len());
        let single = event.records.len() == 1;
        let message = |(index, record): (usize, &Record<'_>)| Message {
            id: record.message_id.to_string(),
            destination: record.destination.to_string(),
            start: (!single).then(|| {
                Start::of(
                    record,
                    maker,
                    made.and_then(|made| made.process_span(index)),
                )
            }),
            span: invocation.clone(),
            maker,
            settled: false,
        };
        let all: Vec<Message> = event.records.iter().enumerate().map(message).collect();
        let mut by_id = HashMap::with_capacity(all.len());
        for (index, message) in all.iter().enumerate().filter(|(_, it)| !it.id.is_empty()) {
            by_id.entry(message.id.clone()).or_insert(index);
        }
        Self {
            all,
            by_id,
            invocation_started: started,
        }
    }

    /// Starts the message's span, once, and returns its context.
    pub(super) fn start(
        &mut self,
        index: usize,
        tracer: &BoxedTracer,
        parent: &Context,
    ) -> Option<Context> {
        let message = self.all.get_mut(index)?;
        message.start(tracer, parent, SystemTime::now());
        Some(message.span.clone())
    }

    /// The same, when the end and the outcome of this message will be known. Where the span is another process's, one
    /// inside of it holds what that process cannot see: how long this message took, and why it failed.
    pub(super) fn start_handling(
        &mut self,
        index: usize,
        tracer: &BoxedTracer,
        parent: &Context,
    ) -> Option<Context> {
        let context = self.start(index, tracer, parent)?;
        let message = self.all.get_mut(index)?;
        if message.maker == Maker::Extension && !message.settled {
            let span = SpanBuilder::from_name(format!("handle {}", message.destination));
            let span = span.with_kind(SpanKind::Internal);
            message.span = context.with_span(tracer.build_with_context(span, &context));
            message.maker = Maker::Message;
        }
        Some(message.span.clone())
    }

    /// Ends a started message's span; the first outcome counts.
    pub(super) fn settle(&mut self, id: &str, outcome: &Outcome) {
        if let Some(message) = self.find(id) {
            message.settle(outcome, true);
        }
    }

    /// Gives an outcome to every message that has none.
    pub(super) fn settle_rest(
        &mut self,
        tracer: &BoxedTracer,
        parent: &Context,
        outcome: impl Fn(&str) -> Outcome,
    ) {
        for message in self.all.iter_mut().filter(|message| !message.settled) {
            message.start(tracer, parent, self.invocation_started);
            message.settle(&outcome(&message.id), false);
        }
    }

    /// Whether Lambda takes the whole batch for failed: an entry has no id, or one that is not of this batch.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>
    pub(super) fn all_failed(&self, failures: &[Option<String>]) -> bool {
        failures
            .iter()
            .any(|id| !id.as_ref().is_some_and(|id| self.by_id.contains_key(id)))
    }

    /// Ends what is open, also what nobody ever started: each message has its span.
    pub(super) fn finish(&mut self, tracer: &BoxedTracer, parent: &Context) {
        for mut message in mem::take(&mut self.all) {
            message.start(tracer, parent, self.invocation_started);
            if !message.settled && message.maker == Maker::Message {
                message.span.span().end();
            }
        }
    }

    /// Where the first message with this id stands.
    pub(super) fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    fn find(&mut self, id: &str) -> Option<&mut Message> {
        let index = self.index_of(id)?;
        self.all.get_mut(index)
    }
}

// ===== impl Start =====

impl Start {
    fn of(record: &Record<'_>, maker: Maker, id: Option<SpanId>) -> Self {
        let link = |found: &Found| Link::with_context((&found.context).into());
        let span = if maker == Maker::Extension {
            StartSpan::Made(id)
        } else {
            StartSpan::New {
                name: record.span_name(),
                attributes: record.attributes(),
                links: record.contexts.iter().map(link).collect(),
            }
        };
        Self {
            span,
            baggage: record.contexts.baggage.clone(),
            extra: record.contexts.extra.clone(),
        }
    }
}

// ===== impl Message =====

impl Message {
    fn start(&mut self, tracer: &BoxedTracer, parent: &Context, at: SystemTime) {
        let Some(start) = self.start.take() else {
            return;
        };
        let parent = &with_extra(&with_baggage(parent, &start.baggage), start.extra);
        self.span = match start.span {
            StartSpan::Made(Some(id)) => parent.with_remote_span_context(sibling(parent, id)),
            StartSpan::Made(None) => parent.clone(),
            StartSpan::New {
                name,
                attributes,
                links,
            } => {
                let span = SpanBuilder::from_name(name)
                    .with_kind(SpanKind::Consumer)
                    .with_start_time(at)
                    .with_attributes(attributes)
                    .with_links(links);
                parent.with_span(tracer.build_with_context(span, parent))
            }
        };
    }

    /// `here` tells that the failure happened in this message, and not around it.
    fn settle(&mut self, outcome: &Outcome, here: bool) {
        if mem::replace(&mut self.settled, true) {
            return;
        }
        let span = self.span.span();
        let text = match outcome {
            Outcome::Ok => "ok",
            Outcome::Failed(failure) if here => {
                failure.record(&span);
                "failed"
            }
            Outcome::Failed(failure) => {
                failure.mark(&span);
                "failed"
            }
        };
        span.set_attribute(KeyValue::new(a::BATON_OUTCOME, text));
        if self.maker == Maker::Message {
            span.end();
        }
    }
}

/// Another span of the same trace.
fn sibling(span: &Context, id: SpanId) -> SpanContext {
    let span = span.span();
    let span = span.span_context();
    SpanContext::new(
        span.trace_id(),
        opentelemetry::SpanId::from_bytes(id.to_bytes()),
        span.trace_flags(),
        true,
        span.trace_state().clone(),
    )
}
