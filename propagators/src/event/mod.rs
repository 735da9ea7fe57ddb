//! Lambda events: raw bytes in, trigger, contexts and span attributes out.
//!
//! ```text
//!  bytes ──> envelope (which trigger) ──> one file a source ──> records, contexts with their places ──> relation
//!                    ▲                            │
//!                    └── nested to depth 3 ───────┘
//! ```
//!
//! The event is never parsed into typed structures: what is not needed is skipped, what is needed is borrowed, and what has
//! the wrong type is absent. Garbage is [`Trigger::Other`] with no records. Every record of a batch is read, and every
//! envelope inside of it: SNS in SQS, EventBridge in SQS, what a Lambda destination wraps.
//!
//! [`Relation`] is the one rule of parent or link, and of what wins where contexts disagree.

mod answer;
pub(crate) mod attributes;
mod contexts;
mod envelope;
mod invoke;
mod markers;
mod place;
mod reader;
mod reading;
mod record;
mod relation;
mod top;
mod traceparents;
mod trigger;

// One file a source.
mod activemq;
mod alone;
mod appsync;
mod authorizer;
mod bytes;
mod cognito;
mod destination;
mod documentdb;
mod durable;
mod dynamodb;
mod eventbridge;
mod firehose;
mod http;
mod kafka;
mod kinesis;
mod kinesis_producer;
mod rabbitmq;
mod s3;
mod sns;
mod sqs;
mod step_functions;
mod websocket;

use opentelemetry::KeyValue;

pub use answer::Answer;
pub use contexts::{Contexts, Found};
pub use http::HttpRequest;
pub use invoke::{ClientContext, Invocation};
pub use place::Place;
pub use reader::Reader;
pub use record::Record;
#[cfg(feature = "lambda")]
pub(crate) use record::last_part;
pub use relation::{Reason, Relation};
pub use traceparents::traceparents;
pub use trigger::Trigger;

use crate::{
    format::{Baggage, Extra, Sampling},
    json::{Raw, Scan},
};
use reading::Reading;
use top::Top;

/// SQS and streams deliver no more at once.
const MAX_RECORDS: usize = 10_000;

/// What Baton sees in an event.
///
/// ```
/// use baton_propagators::event::{Event, Trigger};
///
/// let event = Event::parse(br#"{"Records": [{
///     "messageId": "19dd0b57", "eventSource": "aws:sqs",
///     "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
///     "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1691582488541"},
///     "messageAttributes": {"traceparent": {
///         "stringValue": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "dataType": "String"}}
/// }]}"#);
///
/// assert_eq!(event.trigger, Trigger::Sqs);
/// assert_eq!(event.span_name().as_deref(), Some("process orders"));
/// assert!(event.relation().parent.is_some_and(|found| found.context.flags().is_sampled()));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What invoked the function.
    pub trigger: Trigger,
    /// Every message of a batch, in order; empty for triggers that bring none.
    pub records: Vec<Record<'a>>,
    /// The request, for HTTP triggers.
    pub http: Option<HttpRequest<'a>>,
    /// The contexts that belong to no record: those of a request, of a payload, and what Lambda delivers beside it.
    pub contexts: Contexts,
    /// How many records were not read, because no service delivers so many.
    pub left_out: u32,
    /// How many envelopes were not opened: too deep inside of others, or too large together.
    pub unopened: u32,
    name: Option<String>,
    details: Vec<KeyValue>,
}

// ===== impl Event =====

impl<'a> Event<'a> {
    /// Reads an event in the default formats; never fails. The work is linear in its size.
    #[must_use]
    pub fn parse(event: &'a [u8]) -> Self {
        Reader::default().read(event)
    }

    /// How many contexts were there and not valid, in all of it.
    ///
    /// ```
    /// use baton_propagators::event::Event;
    ///
    /// let event = Event::parse(br#"{"_trace": {"traceparent": "00-0-0-00"}}"#);
    /// assert_eq!(event.invalid(), 1);
    /// ```
    #[must_use]
    pub fn invalid(&self) -> u32 {
        let records = self.records.iter().map(|record| record.contexts.invalid);
        records.fold(self.contexts.invalid, u32::saturating_add)
    }

    /// What the application hands along with the event, or with its one record; each record of a batch has its own.
    ///
    /// ```
    /// use baton_propagators::event::Event;
    ///
    /// let event = Event::parse(br#"{"_trace": {"baggage": "tenant=acme"}}"#);
    /// assert_eq!(event.baggage().get("tenant").as_deref(), Some("acme"));
    /// ```
    #[must_use]
    pub fn baggage(&self) -> &Baggage<'static> {
        match self.records.as_slice() {
            [record] if self.contexts.baggage.is_empty() => &record.contexts.baggage,
            _ => &self.contexts.baggage,
        }
    }

    /// What came beside the contexts and is not in them: a wish about sampling, and the parts of an X-Ray header that Lambda
    /// counts loops by. It belongs into what the handler sends.
    ///
    /// ```
    /// use baton_propagators::event::{Invocation, Reader};
    ///
    /// let mut invocation = Invocation::new(b"{}");
    /// invocation.trace_header =
    ///     Some("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:fe460cdd:0");
    /// assert_eq!(Reader::default().invocation(&invocation).extra().xray, "Lineage=1:fe460cdd:0");
    /// ```
    #[must_use]
    pub fn extra(&self) -> Extra<'static> {
        let mut extra = self.contexts.extra.clone();
        if let [record] = self.records.as_slice() {
            let inner = &record.contexts.extra;
            if self.contexts.is_empty() && extra.sampling == Sampling::Flag {
                extra.sampling = inner.sampling;
            }
            if extra.xray.is_empty() {
                extra.xray.clone_from(&inner.xray);
            }
        }
        extra
    }

    fn new(trigger: Trigger) -> Self {
        Self {
            trigger,
            records: Vec::new(),
            http: None,
            contexts: Contexts::default(),
            left_out: 0,
            unopened: 0,
            name: None,
            details: Vec::new(),
        }
    }

    fn of_record(record: Record<'a>) -> Self {
        Self::of_records(record.trigger, vec![record])
    }

    fn of_records(trigger: Trigger, records: Vec<Record<'a>>) -> Self {
        Self {
            records,
            ..Self::new(trigger)
        }
    }

    /// One record for each item, up to the limit; what is beyond is counted.
    fn of_items<T>(
        trigger: Trigger,
        mut items: impl Iterator<Item = T>,
        read: impl FnMut(T) -> Record<'a>,
    ) -> Self {
        let records = items.by_ref().take(MAX_RECORDS).map(read).collect();
        let mut event = Self::of_records(trigger, records);
        event.left_out = u32::try_from(items.count()).unwrap_or(u32::MAX);
        event
    }

    fn detail(&mut self, key: &'static str, value: Option<Raw<'_>>) {
        if let Some(value) = value.and_then(Raw::text) {
            self.details.push(KeyValue::new(key, value.into_owned()));
        }
    }

    /// Reads the event, or something inside of it that may be one.
    fn read(event: Raw<'a>, reading: &mut Reading<'_>) -> Self {
        let mut scan = Scan::of(event);
        let mut top = Top::default();
        let read = match scan.peek() {
            Some(b'{') => top.object(&mut scan, reading),
            Some(b'[') => top.array(&mut scan, reading),
            _ => scan.value().map(drop),
        };
        // An event that breaks off is no event, however much of it was there.
        if read.is_none() || !scan.is_at_end() {
            return Self::new(Trigger::Other);
        }
        top.event(event, reading)
    }
}

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
