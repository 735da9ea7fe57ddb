//! What goes along while one event is read: the formats, and how much work is still allowed.

use std::{borrow::Cow, mem};

use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::memchr;

use super::{
    Contexts, Event, Found, Place, Trigger, kinesis_producer,
    markers::{escapes_structure, holds_marker},
    place::Step,
};
use crate::{
    carrier::{Carrier, EventHeaders, RecordAttributes, XRayHeader},
    format::{Extra, Format, Formats},
    json::{Level, Object, Raw, Scan, object, unescape},
};

/// SNS in SQS, EventBridge in SNS in SQS, S3 in SNS in SQS: no chain of services makes more.
pub(super) const MAX_DEPTH: u8 = 3;
/// Of all payloads inside of one event together. Lambda takes 6 MB at most, base64 and escapes included.
const MAX_NESTED_BYTES: usize = 8 << 20;

/// The state of one reading.
#[derive(Debug)]
pub(super) struct Reading<'f> {
    formats: &'f Formats,
    /// Whether to look into payloads that hold no carrier, only to tell what they are.
    thorough: bool,
    depth: u8,
    nested_bytes_left: usize,
    /// Envelopes that were not opened: too deep, or too many bytes.
    pub(super) unopened: u32,
    /// Decoded base64; one buffer for all records.
    buffer: Vec<u8>,
}

object! {
    /// Where a payload keeps a context.
    pub(super) struct Payload {
        trace: "_trace",
        datadog: "_datadog",
        traceparent: "traceparent",
    }
}

// ===== impl Reading =====

impl<'f> Reading<'f> {
    pub(super) const fn new(formats: &'f Formats, thorough: bool) -> Self {
        Self {
            formats,
            thorough,
            depth: 0,
            nested_bytes_left: MAX_NESTED_BYTES,
            unopened: 0,
            buffer: Vec::new(),
        }
    }

    /// Whether this is the event itself, not something inside of it.
    pub(super) const fn is_outermost(&self) -> bool {
        self.depth == 0
    }

    /// Reads a carrier in every format that is enabled.
    pub(super) fn carrier<C: Carrier>(&self, carrier: &C, place: Place, into: &mut Contexts) {
        extract(self.formats, carrier, place, into);
    }

    /// The message attributes of SQS and SNS: one for each field, or one that holds an object with all of them.
    pub(super) fn attributes(
        &self,
        attributes: &RecordAttributes<'_>,
        place: Place,
        into: &mut Contexts,
    ) {
        self.carrier(attributes, place, into);
        for (name, step) in [("_trace", Step::Trace), ("_datadog", Step::Datadog)] {
            let json = attributes.values_of(name).next();
            if let Some(raw) = json.and_then(|json| Raw::of(json.as_bytes())) {
                self.fields(raw, step, place, into);
            }
        }
    }

    /// The X-Ray header of a message, or of the invocation.
    #[expect(
        clippy::unused_self,
        reason = "AWS puts it there whatever formats are enabled"
    )]
    pub(super) fn trace_header(&self, header: &str, step: Step, into: &mut Contexts) {
        let found = XRayHeader::parse(header);
        let context = found.context();
        let extra = Extra {
            xray: Cow::Borrowed(found.rest()),
            ..Extra::default()
        };
        into.add_extra(extra, context.is_some());
        match context {
            Some(context) => into.add(Found {
                context: context.into_owned(),
                format: if step == Step::RuntimeHeader {
                    Format::XRayLambda
                } else {
                    Format::XRay
                },
                place: Place::of(step),
            }),
            // A root without a parent is what load balancers and APIs write; it is not broken.
            None => into.invalid += u32::from(header.contains("Parent=")),
        }
    }

    /// What a payload holds itself: `_trace`, `_datadog`, or the fields at its top, as an IoT rule selects them.
    pub(super) fn payload(&self, payload: Option<Raw<'_>>, place: Place, into: &mut Contexts) {
        if let Some(payload) = payload {
            self.payload_of(&Payload::read(Some(payload)), payload, place, into);
        }
    }

    /// The same for a payload whose members were looked at.
    pub(super) fn payload_of(
        &self,
        found: &Payload<'_>,
        payload: Raw<'_>,
        place: Place,
        into: &mut Contexts,
    ) {
        self.wrapped_in(found, place, into);
        if found.traceparent.is_some() {
            self.carrier(&EventHeaders::of(Some(payload)), place, into);
        }
    }

    /// `_trace` and `_datadog` in an object whose own fields were read.
    pub(super) fn wrapped(&self, object: Option<Raw<'_>>, place: Place, into: &mut Contexts) {
        self.wrapped_in(&Payload::read(object), place, into);
    }

    fn wrapped_in(&self, found: &Payload<'_>, place: Place, into: &mut Contexts) {
        for (object, step) in [(found.trace, Step::Trace), (found.datadog, Step::Datadog)] {
            if let Some(object) = object {
                self.fields(object, step, place, into);
            }
        }
    }

    /// An object of fields, or a string that holds one.
    pub(super) fn fields(&self, object: Raw<'_>, step: Step, place: Place, into: &mut Contexts) {
        let text = object.text();
        let object = match &text {
            Some(text) => Raw::of(text.as_bytes()),
            None => Some(object),
        };
        let formats = if matches!(step, Step::Datadog | Step::Checkpoint) {
            self.formats.with(Format::Datadog)
        } else {
            *self.formats
        };
        extract(&formats, &EventHeaders::of(object), place.then(step), into);
    }

    /// Opens what may hold a carrier: an object as it stands, or a string that holds one, plain or in base64.
    pub(super) fn value(
        &mut self,
        value: Raw<'_>,
        place: Place,
        into: &mut Contexts,
    ) -> Option<Trigger> {
        if value.quoted().is_none() {
            let open = self.may_hold_carrier(value.bytes());
            return open.then(|| self.nested(value, place, into)).flatten();
        }
        let inside = self.text(value, place, into);
        inside.or_else(|| self.base64(value, place, into))
    }

    /// Opens a string that may hold JSON, and tells what it is. Text that holds no carrier is not unescaped.
    pub(super) fn text(
        &mut self,
        text: Raw<'_>,
        place: Place,
        into: &mut Contexts,
    ) -> Option<Trigger> {
        let mut quoted = text.quoted()?;
        if !self.may_hold_carrier(quoted) {
            return None;
        }
        if quoted.len() > self.nested_bytes_left {
            self.unopened += 1;
            return None;
        }
        // A string within what is read as it stands: its escapes are doubled.
        let once;
        if text.level() == Level::Escaped {
            once = unescape(quoted)?;
            quoted = once.as_bytes();
        }
        if memchr(b'\\', quoted).is_none() {
            return self.nested(Raw::new(quoted), place, into);
        }
        if !escapes_structure(quoted) {
            return self.nested(Raw::escaped(quoted), place, into);
        }
        let plain = unescape(quoted)?;
        self.nested(Raw::new(plain.as_bytes()), place, into)
    }

    /// Opens base64 that may hold JSON, and tells what it is.
    pub(super) fn base64(
        &mut self,
        text: Raw<'_>,
        place: Place,
        into: &mut Contexts,
    ) -> Option<Trigger> {
        let base64 = text.quoted().filter(|text| is_object_in_base64(text))?;
        let decoded = self.decode(base64)?;
        let open = self.may_hold_carrier(&decoded);
        let inside = open.then(|| self.nested(Raw::new(&decoded), place, into));
        self.buffer = decoded;
        inside.flatten()
    }

    /// Opens each of the records that the Kinesis Producer Library packed together.
    pub(super) fn aggregated(&mut self, packet: Raw<'_>, place: Place, into: &mut Contexts) {
        let Some(packet) = packet.quoted().and_then(|base64| self.decode(base64)) else {
            return;
        };
        for (index, record) in kinesis_producer::records(&packet).enumerate() {
            into.several |= index > 0;
            if self.may_hold_carrier(record) {
                self.nested(Raw::new(record), place, into);
            }
        }
        self.buffer = packet;
    }

    /// Takes the buffer, which whoever is done with it puts back.
    fn decode(&mut self, base64: &[u8]) -> Option<Vec<u8>> {
        if base64.len() / 4 * 3 > self.nested_bytes_left {
            self.unopened += 1;
            return None;
        }
        let mut buffer = mem::take(&mut self.buffer);
        buffer.clear();
        STANDARD.decode_vec(base64, &mut buffer).ok()?;
        Some(buffer)
    }

    /// Reads a payload as an event of its own, takes over the contexts that it holds, and tells what it is.
    pub(super) fn nested(
        &mut self,
        payload: Raw<'_>,
        place: Place,
        into: &mut Contexts,
    ) -> Option<Trigger> {
        let bytes = payload.bytes().len();
        if self.depth == MAX_DEPTH || bytes > self.nested_bytes_left {
            self.unopened += 1;
            return None;
        }
        self.nested_bytes_left -= bytes;
        self.depth += 1;
        let event = Event::read(payload, self);
        self.depth -= 1;
        let mut contexts = event.contexts;
        contexts.several |= event.records.len() > 1;
        for record in event.records {
            contexts.absorb(record.contexts, Place::default());
        }
        into.absorb(contexts, place);
        (event.trigger != Trigger::Other).then_some(event.trigger)
    }

    /// An object or a list, with one of the words that every carrier has.
    fn may_hold_carrier(&self, text: &[u8]) -> bool {
        let first = Scan::of(Raw::escaped(text)).peek();
        matches!(first, Some(b'{' | b'[')) && (self.thorough || holds_marker(text))
    }
}

fn extract<C: Carrier>(formats: &Formats, carrier: &C, place: Place, into: &mut Contexts) {
    let found = formats.extract(carrier);
    into.invalid = into.invalid.saturating_add(found.invalid);
    into.add_baggage(found.baggage);
    into.add_extra(found.extra, found.context.is_some());
    let first = found.format.zip(found.context);
    for (format, context) in first.into_iter().chain(found.others) {
        into.add(Found {
            context: context.into_owned(),
            format,
            place,
        });
    }
}

/// `{` and the six bits after it that can follow: a quote, white space, or the end.
fn is_object_in_base64(text: &[u8]) -> bool {
    matches!(text, [b'e', b'w'..=b'z' | b'0'..=b'9' | b'+' | b'/', ..])
}
