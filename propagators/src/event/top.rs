//! The top of an event: which source it is of, and the way to the file of that source.

use super::{
    Contexts, Event, MAX_RECORDS, Place, Reading, Record, Trigger, activemq, alone, appsync,
    cognito, destination, documentdb, durable,
    envelope::{Envelope, RequestContext},
    eventbridge, firehose, http, invoke, kafka,
    place::Step,
    rabbitmq,
    record::Item,
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
    /// What the items of a list carry that are no records.
    payloads: Contexts,
    items: usize,
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

    /// A list: what Pipes and event buses deliver, a batch of AppSync, or payloads of whoever invokes.
    pub(super) fn array(&mut self, scan: &mut Scan<'a>, reading: &mut Reading<'_>) -> Option<()> {
        scan.array(|scan| {
            let raw = scan.value()?;
            self.items += 1;
            if !raw.is_object() {
                return Some(());
            }
            if appsync::is_resolve(raw) {
                let full = self.resolves.len() == MAX_RECORDS;
                self.left_out += u32::from(full);
                self.resolves.extend((!full).then_some(raw));
                return Some(());
            }
            let item = alone::read(raw, reading);
            if matches!(item, Item::Unknown) {
                reading.payload(Some(raw), Place::default(), &mut self.payloads);
            }
            self.take(item);
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
            let mut event = appsync::read(self.resolves.into_iter(), reading);
            event.left_out = self.left_out;
            return event;
        }
        if let Some(other) = self.other.filter(|_| trigger == Trigger::Other) {
            return Event::new(other);
        }
        let mut event = source(trigger, raw, envelope, &context, reading);
        event.contexts.several |= self.items > 1;
        event.contexts.absorb(self.payloads, Place::default());
        event
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
        Trigger::Sns => Event::of_record(sns::envelope(envelope, reading)),
        Trigger::EventBridge => Event::of_record(eventbridge::read(envelope, reading)),
        Trigger::Schedule => eventbridge::schedule(envelope, reading),
        Trigger::Msk | Trigger::SelfManagedKafka if envelope.lower_records.is_some() => {
            kafka::read(trigger, envelope, reading)
        }
        Trigger::RabbitMq if envelope.queues.is_some() => rabbitmq::read(envelope, reading),
        Trigger::ActiveMq if envelope.messages.is_some() => activemq::read(envelope, reading),
        Trigger::Msk | Trigger::SelfManagedKafka | Trigger::RabbitMq | Trigger::ActiveMq => {
            single(trigger, raw, envelope, reading)
        }
        Trigger::Firehose => firehose::read(envelope, reading),
        Trigger::DocumentDb => documentdb::read(envelope),
        Trigger::Destination => Event::of_record(destination::read(envelope, context, reading)),
        Trigger::DurableFunction => durable::read(envelope, reading),
        Trigger::StepFunctions => step_functions::read(raw, envelope, reading),
        Trigger::S3Test => {
            let mut event = Event::new(trigger);
            event.detail(a::FAAS_DOCUMENT_COLLECTION, envelope.bucket);
            event
        }
        Trigger::Other if envelope.event_source.is_some() => {
            single(trigger, raw, envelope, reading)
        }
        Trigger::Other => invoke::read(raw, envelope, reading),
        _ => Event::new(trigger),
    }
}

/// A record that stands alone, as Pipes hands it over without a batch.
fn single<'a>(
    trigger: Trigger,
    raw: Raw<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Event<'a> {
    match alone::record(raw, envelope, reading) {
        Item::Record(record) => Event::of_record(record),
        Item::Other(trigger) => Event::new(trigger),
        Item::Unknown if trigger == Trigger::Other => invoke::read(raw, envelope, reading),
        Item::Unknown => Event::new(trigger),
    }
}
