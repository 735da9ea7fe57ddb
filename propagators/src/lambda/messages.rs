//! The `process` spans of one invocation, one for each message.

use std::{collections::HashMap, mem, time::SystemTime};

use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{Link, SpanBuilder, SpanKind, TraceContextExt, Tracer},
};

use super::{failure::Failure, invocation::with_baggage};
use crate::{
    attribute as a,
    event::{Event, Found, Record, Trigger},
    format::Baggage,
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
    /// What the span starts with, until it does. A span starts late, so that it does not hold the wait for its turn.
    start: Option<Start>,
    span: Context,
    /// Of a single message the span is the invocation's own, which ends later.
    is_invocation: bool,
    settled: bool,
}

struct Start {
    name: String,
    attributes: Vec<KeyValue>,
    links: Vec<Link>,
    baggage: Baggage<'static>,
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
    pub(super) fn new(event: &Event<'_>, invocation: &Context, started: SystemTime) -> Self {
        let single = event.records.len() == 1;
        let link = |found: &Found| Link::with_context((&found.context).into());
        let message = |record: &Record<'_>| Message {
            id: record.message_id.to_string(),
            start: (!single).then(|| Start {
                name: record.span_name(),
                attributes: record.attributes(),
                links: record.contexts.iter().map(link).collect(),
                baggage: record.contexts.baggage.clone(),
            }),
            span: invocation.clone(),
            is_invocation: single,
            settled: false,
        };
        let all: Vec<Message> = event.records.iter().map(message).collect();
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
            if !message.settled && !message.is_invocation {
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

// ===== impl Message =====

impl Message {
    fn start(&mut self, tracer: &BoxedTracer, parent: &Context, at: SystemTime) {
        let Some(start) = self.start.take() else {
            return;
        };
        let parent = &with_baggage(parent, &start.baggage);
        let span = SpanBuilder::from_name(start.name)
            .with_kind(SpanKind::Consumer)
            .with_start_time(at)
            .with_attributes(start.attributes)
            .with_links(start.links);
        self.span = parent.with_span(tracer.build_with_context(span, parent));
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
        if !self.is_invocation {
            span.end();
        }
    }
}
