//! A walk over an OTLP request: is it one, and how many items does it hold? Nothing is allocated, so that a small body cannot become a
//! large one. Whatever passes here decodes at the receiver too: one malformed request never spoils those it is merged with.

mod shape;

use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use shape::{LOGS, METRICS, Message, Shape, TRACES};

/// What an OTLP request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Metrics, counted by their data points.
    Metrics,
}

/// Bytes that are no OTLP request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// No protobuf.
    #[error("not protobuf: {0}")]
    Protobuf(#[from] DecodeError),
    /// A field has another type than OTLP gives it.
    #[error("field {tag} has wire type {found:?}: expected {expected:?}")]
    WireType {
        /// The field.
        tag: u32,
        /// Its type in OTLP.
        expected: WireType,
        /// Its type here.
        found: WireType,
    },
    /// A field ends after its message.
    #[error("field {tag} is cut off")]
    CutOff {
        /// The field.
        tag: u32,
    },
    /// Text that is no UTF-8.
    #[error("field {tag} is not UTF-8")]
    Text {
        /// The field.
        tag: u32,
    },
    /// Values inside values inside values.
    #[error("nested deeper than {MAX_DEPTH} messages")]
    TooDeep,
}

// protobuf implementations agree on this limit, prost included.
const MAX_DEPTH: u32 = 100;

/// Counts the spans, log records or data points of one request.
///
/// # Errors
/// When `body` is no request of that signal.
///
/// ```
/// use baton_lambda_layer::{Signal, count_items};
/// assert_eq!(count_items(Signal::Traces, b"").unwrap(), 0);
/// assert!(count_items(Signal::Traces, b"{\"resourceSpans\":[]}").is_err());
/// ```
pub fn count_items(signal: Signal, body: &[u8]) -> Result<u64, Malformed> {
    let request = match signal {
        Signal::Traces => &TRACES,
        Signal::Logs => &LOGS,
        Signal::Metrics => &METRICS,
    };
    walk(request, body, MAX_DEPTH)
}

fn walk(message: &Message, mut bytes: &[u8], depth: u32) -> Result<u64, Malformed> {
    let deeper = depth.checked_sub(1).ok_or(Malformed::TooDeep)?;
    let mut count = u64::from(message.is_item);
    while !bytes.is_empty() {
        let (tag, found) = decode_key(&mut bytes)?;
        let Some(shape) = message.shape(tag) else {
            skip_field(found, tag, &mut bytes, DecodeContext::default())?;
            continue;
        };
        let expected = shape.wire_type();
        if found != expected {
            return Err(Malformed::WireType {
                tag,
                expected,
                found,
            });
        }
        let field = take_field(expected, tag, &mut bytes)?;
        match shape {
            Shape::Message(inner) => count += walk(inner, field, deeper)?,
            Shape::Text if std::str::from_utf8(field).is_err() => {
                return Err(Malformed::Text { tag });
            }
            _ => {}
        }
    }
    Ok(count)
}

fn take_field<'a>(
    wire_type: WireType,
    tag: u32,
    bytes: &mut &'a [u8],
) -> Result<&'a [u8], Malformed> {
    let length = match wire_type {
        WireType::Varint => {
            decode_varint(bytes)?;
            0
        }
        WireType::ThirtyTwoBit => 4,
        WireType::SixtyFourBit => 8,
        _ => decode_varint(bytes)?,
    };
    let length = usize::try_from(length).map_err(|_| Malformed::CutOff { tag })?;
    let (field, rest) = bytes
        .split_at_checked(length)
        .ok_or(Malformed::CutOff { tag })?;
    *bytes = rest;
    Ok(field)
}

#[cfg(test)]
mod tests;
