//! The top of an event: which source it is of, and the way to the file of that source.

use super::{
    Event, MAX_RECORDS, Place, Reading, Record, Trigger, activemq, appsync, cognito, destination,
    documentdb, durable,
    envelope::{Envelope, RequestContext},
    eventbridge, firehose, http, invoke, kafka,
    place::Step,
    rabbitmq,
    record::{Item, RawRecord},
    sns, step_functions, websocket,
};
use crate::{
    attribute as a,
    carrier::EventHeaders,
    json::{Object, Raw, Scan},
};

/// The top of an event while it is read. Records are read where they stand, so that their bodies are passed only once.
#[derive(Default)]
pub(super) struct Top<'a> {
    envelope: Envelope<'a>,
    records: Vec<Record<'a>>,
    left_out: u32,
    other: Option<Trigger>,
    resolves: Vec<Raw<'a>>,
}

// ===== impl Top =====

impl<'a> Top<'a> {
    pub(super) fn object(&mut self, scan: &mut Scan<'a>, reading: &mut Reading<'_>) -> Option<()> {
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
    pub(super) fn array(&mut self, scan: &mut Scan<'a>, reading: &mut Reading<'_>) -> Option<()> {
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

    pub(super) fn event(self, raw: Raw<'a>, reading: &mut Reading<'_>) -> Event<'a> {
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
