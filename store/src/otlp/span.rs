//! One span on the wire.

use std::borrow::Cow;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::DecodeError;

use super::wire::Fields;

/// The fields of a span, by their numbers in
/// <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto>.
#[derive(Debug, Default)]
pub(super) struct Span<'a> {
    pub(super) trace_id: &'a [u8],
    pub(super) span_id: &'a [u8],
    pub(super) trace_state: &'a [u8],
    pub(super) parent_span_id: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) kind: i32,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) dropped_attributes: u32,
    pub(super) dropped_events: u32,
    pub(super) dropped_links: u32,
    pub(super) status_message: &'a [u8],
    pub(super) status_code: i32,
    pub(super) flags: u32,
}

/// The messages within a span, not read yet.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) attributes: Vec<&'a [u8]>,
    pub(super) events: Vec<&'a [u8]>,
    pub(super) links: Vec<&'a [u8]>,
}

impl<'a> Span<'a> {
    /// `parts` is emptied and filled.
    pub(super) fn read(message: &'a [u8], parts: &mut Parts<'a>) -> Result<Self, DecodeError> {
        let mut span = Self::default();
        parts.attributes.clear();
        parts.events.clear();
        parts.links.clear();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => span.trace_id = field.bytes()?,
                2 => span.span_id = field.bytes()?,
                3 => span.trace_state = field.bytes()?,
                4 => span.parent_span_id = field.bytes()?,
                5 => span.name = field.bytes()?,
                6 => span.kind = field.varint_32()?.cast_signed(),
                7 => span.start_ns = field.fixed_64()?,
                8 => span.end_ns = field.fixed_64()?,
                9 => parts.attributes.push(field.bytes()?),
                10 => span.dropped_attributes = field.varint_32()?,
                11 => parts.events.push(field.bytes()?),
                12 => span.dropped_events = field.varint_32()?,
                13 => parts.links.push(field.bytes()?),
                14 => span.dropped_links = field.varint_32()?,
                15 => span.read_status(field.bytes()?)?,
                16 => span.flags = field.fixed_32()?,
                _ => {}
            }
        }
        Ok(span)
    }

    fn read_status(&mut self, message: &'a [u8]) -> Result<(), DecodeError> {
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                2 => self.status_message = field.bytes()?,
                3 => self.status_code = field.varint_32()?.cast_signed(),
                _ => {}
            }
        }
        Ok(())
    }

    /// Why it cannot be stored.
    pub(super) fn fault(&self) -> Option<String> {
        let ids = [("trace", self.trace_id, 16), ("span", self.span_id, 8)];
        for (what, id, length) in ids {
            if id.len() != length {
                return Some(format!(
                    "it has a {what} id of {} bytes, expected {length}",
                    id.len()
                ));
            }
            if id.iter().all(|byte| *byte == 0) {
                return Some(format!("its {what} id is all zeros"));
            }
        }
        let parent = self.parent_span_id.len();
        (parent != 0 && parent != 8)
            .then(|| format!("it has a parent span id of {parent} bytes, expected 8 or none"))
    }

    /// A parent of zeros is none.
    pub(super) fn parent(&self) -> Option<&'a [u8]> {
        let is_set = self.parent_span_id.iter().any(|byte| *byte != 0);
        is_set.then_some(self.parent_span_id)
    }

    /// `SERVER` and its kin; a number that has no name stays digits.
    pub(super) fn kind_name(&self) -> Cow<'static, str> {
        SpanKind::try_from(self.kind).map_or_else(
            |_| Cow::Owned(self.kind.to_string()),
            |kind| Cow::Borrowed(kind.as_str_name().trim_start_matches("SPAN_KIND_")),
        )
    }

    /// `UNSET`, `OK` or `ERROR`; a number that has no name stays digits.
    pub(super) fn status_name(&self) -> Cow<'static, str> {
        StatusCode::try_from(self.status_code).map_or_else(
            |_| Cow::Owned(self.status_code.to_string()),
            |code| Cow::Borrowed(code.as_str_name().trim_start_matches("STATUS_CODE_")),
        )
    }
}
