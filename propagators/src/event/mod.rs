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

pub(crate) mod attributes;
mod contexts;
mod envelope;
mod invoke;
mod place;
mod reader;
mod reading;
mod record;
mod relation;
mod top;
mod trigger;

// One file a source.
mod activemq;
mod appsync;
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
mod rabbitmq;
mod s3;
mod sns;
mod sqs;
mod step_functions;
mod websocket;

use opentelemetry::KeyValue;

pub use contexts::{Contexts, Found};
pub use http::HttpRequest;
pub use invoke::{ClientContext, Invocation};
pub use place::Place;
pub use reader::Reader;
pub use record::Record;
#[cfg(feature = "lambda")]
pub(crate) use record::last_part;
pub use relation::{Reason, Relation};
pub use trigger::Trigger;

use crate::{
    format::Baggage,
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

    fn detail(&mut self, key: &'static str, value: Option<Raw<'_>>) {
        if let Some(value) = value.and_then(Raw::text) {
            self.details.push(KeyValue::new(key, value.into_owned()));
        }
    }

    /// Reads the event, or something inside of it that may be one.
    fn read(text: &'a [u8], reading: &mut Reading<'_>) -> Self {
        let mut scan = Scan::new(text);
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
        top.event(Raw::new(text.trim_ascii()), reading)
    }
}

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
