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
pub(crate) use record::last_part;
pub use relation::{Reason, Relation};
pub use trigger::Trigger;

use crate::{
    attribute as a,
    carrier::EventHeaders,
    json::{Object, Raw, Scan},
};
use envelope::{Envelope, RequestContext};
use place::Step;
use reading::Reading;
use record::{Item, RawRecord};

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

/// The top of an event while it is read. Records are read where they stand, so that their bodies are passed only once.
#[derive(Default)]
struct Top<'a> {
    envelope: Envelope<'a>,
    records: Vec<Record<'a>>,
    left_out: u32,
    other: Option<Trigger>,
    resolves: Vec<Raw<'a>>,
}

// ===== impl Top =====

impl<'a> Top<'a> {
    fn object(&mut self, scan: &mut Scan<'a>, reading: &mut Reading<'_>) -> Option<()> {
        scan.object(|scan, name| {
            if name == "Records" && scan.peek() == Some(b'[') {
                self.records.clear();
                return scan.array(|scan| {
                    let item = Item::scan(scan, reading)?;
                    self.take(item);
                    Some(())
                });
            }
            self.envelope.set(name, scan.value()?);
            Some(())
        })
    }

    /// A list: what Pipes delivers, or a batch of AppSync.
    fn array(&mut self, scan: &mut Scan<'a>, reading: &mut Reading<'_>) -> Option<()> {
        scan.array(|scan| {
            let item = scan.value()?;
            if !item.is_object() {
                return Some(());
            }
            if appsync::is_resolve(item) {
                if self.resolves.len() < MAX_RECORDS {
                    self.resolves.push(item);
                }
            } else {
                self.take(Item::read(&RawRecord::read(Some(item)), reading));
            }
            Some(())
        })
    }

    fn take(&mut self, item: Item<'a>) {
        match item {
            Item::Record(_) if self.records.len() == MAX_RECORDS => self.left_out += 1,
            Item::Record(record) => self.records.push(record),
            Item::Other(trigger) => self.other = self.other.or(Some(trigger)),
            Item::Unknown => {}
        }
    }

    fn event(self, raw: Raw<'a>, reading: &mut Reading<'_>) -> Event<'a> {
        let envelope = &self.envelope;
        let context = RequestContext::read(envelope.request_context);
        if let Some(first) = self.records.first()
            && envelope.http(&context).is_none()
        {
            let mut event = Event::of_records(first.trigger, self.records);
            event.left_out = self.left_out;
            return event;
        }
        let trigger = envelope.trigger(&context);
        if !self.resolves.is_empty() {
            return appsync::read(self.resolves.into_iter(), reading);
        }
        if let Some(other) = self.other.filter(|_| trigger == Trigger::Other) {
            return Event::new(other);
        }
        source(trigger, raw, envelope, &context, reading)
    }
}

/// Hands the event to the file of its source.
fn source<'a>(
    trigger: Trigger,
    raw: Raw<'a>,
    envelope: &Envelope<'a>,
    context: &RequestContext<'a>,
    reading: &mut Reading<'_>,
) -> Event<'a> {
    let records = |records| Event::of_records(trigger, records);
    match trigger {
        _ if trigger.is_http() => http::read(trigger, envelope, context, reading),
        Trigger::WebSocket => websocket::read(envelope, context, reading),
        Trigger::Authorizer => {
            let mut event = Event::new(trigger);
            let headers = EventHeaders::read(envelope.headers, envelope.multi_value_headers);
            reading.carrier(&headers, Place::of(Step::Headers), &mut event.contexts);
            event
        }
        Trigger::AppSync => appsync::read(std::iter::once(raw), reading),
        Trigger::Cognito => cognito::read(envelope, reading),
        Trigger::Sns => Event::of_record(sns::envelope(raw, reading)),
        Trigger::EventBridge => Event::of_record(eventbridge::read(envelope, reading)),
        Trigger::Schedule => eventbridge::schedule(envelope, reading),
        Trigger::Msk | Trigger::SelfManagedKafka => {
            records(kafka::read(trigger, envelope, reading))
        }
        Trigger::RabbitMq => records(rabbitmq::read(envelope, reading)),
        Trigger::ActiveMq => records(activemq::read(envelope, reading)),
        Trigger::Firehose => records(firehose::read(envelope, reading)),
        Trigger::DocumentDb => records(documentdb::read(envelope)),
        Trigger::Destination => Event::of_record(destination::read(envelope, context, reading)),
        Trigger::DurableFunction => durable::read(envelope, reading),
        Trigger::StepFunctions => step_functions::read(raw, envelope, reading),
        Trigger::S3Test => {
            let mut event = Event::new(trigger);
            event.detail(a::FAAS_DOCUMENT_COLLECTION, envelope.bucket);
            event
        }
        Trigger::Other if envelope.event_source.is_some() => single(raw, envelope, reading),
        Trigger::Other => invoke::read(raw, envelope, reading),
        _ => Event::new(trigger),
    }
}

/// A record that stands alone, as Pipes hands it over without a batch.
fn single<'a>(raw: Raw<'a>, envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Event<'a> {
    match Item::read(&RawRecord::read(Some(raw)), reading) {
        Item::Record(record) => Event::of_record(record),
        Item::Other(trigger) => Event::new(trigger),
        Item::Unknown => invoke::read(raw, envelope, reading),
    }
}

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
