//! How many messages lie within one message: counted on the wire, before anything is built from it.
//!
//! An empty attribute is two bytes on the wire and about a hundred in memory.

use prost::DecodeError;

use super::wire::Fields;

/// More messages than this within one span, resource or scope are refused.
pub(super) const MAX_ELEMENTS: usize = 500_000;
/// prost's own bound.
const MAX_DEPTH: u32 = 100;

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Resource,
    Scope,
    Span,
    Event,
    Link,
    KeyValue,
    AnyValue,
    ArrayValue,
    KeyValueList,
    EntityRef,
}

impl Kind {
    /// What a field holds, by the numbers of
    /// <https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto>.
    fn child(self, number: u32) -> Option<Self> {
        match (self, number) {
            (Self::Resource, 1)
            | (Self::Scope | Self::Event, 3)
            | (Self::Link, 4)
            | (Self::Span, 9)
            | (Self::KeyValueList, 1) => Some(Self::KeyValue),
            (Self::Resource, 3) => Some(Self::EntityRef),
            (Self::Span, 11) => Some(Self::Event),
            (Self::Span, 13) => Some(Self::Link),
            (Self::KeyValue, 2) | (Self::ArrayValue, 1) => Some(Self::AnyValue),
            (Self::AnyValue, 5) => Some(Self::ArrayValue),
            (Self::AnyValue, 6) => Some(Self::KeyValueList),
            _ => None,
        }
    }
}

/// Are there more than [`MAX_ELEMENTS`] messages within this one?
pub(super) fn too_many(kind: Kind, message: &[u8]) -> Result<bool, DecodeError> {
    // Each takes two bytes at least.
    if message.len() < 2 * MAX_ELEMENTS {
        return Ok(false);
    }
    let mut left = MAX_ELEMENTS;
    count(kind, message, MAX_DEPTH, &mut left)?;
    Ok(left == 0)
}

fn count(kind: Kind, message: &[u8], depth: u32, left: &mut usize) -> Result<(), DecodeError> {
    for field in Fields::of(message) {
        let field = field?;
        // Strings of an entity are allocations too.
        let is_entity_key = matches!((kind, field.number), (Kind::EntityRef, 3 | 4));
        let child = kind.child(field.number);
        if child.is_none() && !is_entity_key {
            continue;
        }
        *left = left.saturating_sub(1);
        if *left == 0 {
            return Ok(());
        }
        // Deeper than prost goes: prost says so.
        if let (Some(child), Some(depth)) = (child, depth.checked_sub(1)) {
            count(child, field.bytes()?, depth, left)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_events_are_counted() {
        let event = [11 << 3 | 2, 0];
        assert!(!too_many(Kind::Span, &event.repeat(MAX_ELEMENTS - 1)).unwrap());
        assert!(too_many(Kind::Span, &event.repeat(MAX_ELEMENTS)).unwrap());
    }

    #[test]
    fn attributes_of_events_are_counted() {
        let attributes = [3 << 3 | 2, 0].repeat(1000);
        let mut event = vec![11 << 3 | 2];
        prost::encoding::encode_varint(attributes.len() as u64, &mut event);
        event.extend(attributes);
        assert!(!too_many(Kind::Span, &event.repeat(400)).unwrap());
        assert!(too_many(Kind::Span, &event.repeat(500)).unwrap());
    }
}
