//! What goes along while one event is read: the formats, and how much work is still allowed.

use std::{borrow::Cow, mem, sync::LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::memmem::Finder;

use super::{Contexts, Event, Found, Place, Trigger, place::Step};
use crate::{
    carrier::{Carrier, EventHeaders, RecordAttributes, XRayHeader},
    format::{Format, Formats},
    json::{Object, Raw, object},
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
    struct Payload {
        trace: "_trace",
        datadog: "_datadog",
        traceparent: "traceparent",
    }
}

/// What a text has to hold somewhere to hold a carrier.
static MARKERS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
    ["traceparent", "_datadog", "AWSTraceHeader", "StateMachine"].map(Finder::new)
});

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
        match XRayHeader::parse(header).context() {
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
        let found = Payload::read(payload);
        if let Some(trace) = found.trace {
            self.fields(trace, Step::Trace, place, into);
        }
        if let Some(datadog) = found.datadog {
            self.fields(datadog, Step::Datadog, place, into);
        }
        if found.traceparent.is_some() {
            self.carrier(&EventHeaders::of(payload), place, into);
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

    /// Opens a string that may hold JSON, and tells what it is. Text that holds no carrier is not unescaped.
    pub(super) fn text(
        &mut self,
        text: Raw<'_>,
        place: Place,
        into: &mut Contexts,
    ) -> Option<Trigger> {
        let quoted = text.quoted()?;
        if !self.may_hold_carrier(quoted) {
            return None;
        }
        match text.text()? {
            Cow::Borrowed(text) => self.nested(text.as_bytes(), place, into),
            Cow::Owned(text) => self.nested(text.as_bytes(), place, into),
        }
    }

    /// Opens base64 that may hold JSON, and tells what it is.
    pub(super) fn base64(
        &mut self,
        text: Raw<'_>,
        place: Place,
        into: &mut Contexts,
    ) -> Option<Trigger> {
        let base64 = text.quoted().filter(|text| is_object_in_base64(text))?;
        if base64.len() / 4 * 3 > self.nested_bytes_left {
            self.unopened += 1;
            return None;
        }
        let mut buffer = mem::take(&mut self.buffer);
        buffer.clear();
        let decoded = STANDARD.decode_vec(base64, &mut buffer).is_ok();
        let open = decoded && self.may_hold_carrier(&buffer);
        let inside = open.then(|| self.nested(&buffer, place, into));
        self.buffer = buffer;
        inside.flatten()
    }

    /// Reads a payload as an event of its own, takes over the contexts that it holds, and tells what it is.
    pub(super) fn nested(
        &mut self,
        payload: &[u8],
        place: Place,
        into: &mut Contexts,
    ) -> Option<Trigger> {
        if self.depth == MAX_DEPTH || payload.len() > self.nested_bytes_left {
            self.unopened += 1;
            return None;
        }
        self.nested_bytes_left -= payload.len();
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

    /// An object, with one of the words that every carrier has.
    fn may_hold_carrier(&self, text: &[u8]) -> bool {
        let object = text.trim_ascii_start().first() == Some(&b'{')
            // Line breaks stand escaped before the bracket.
            || (text.first() == Some(&b'\\') && text.contains(&b'{'));
        object && (self.thorough || MARKERS.iter().any(|marker| marker.find(text).is_some()))
    }
}

fn extract<C: Carrier>(formats: &Formats, carrier: &C, place: Place, into: &mut Contexts) {
    let found = formats.extract(carrier);
    into.invalid = into.invalid.saturating_add(found.invalid);
    into.add_baggage(found.baggage);
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
