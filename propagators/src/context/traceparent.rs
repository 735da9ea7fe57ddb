//! `traceparent`: strict in what is read, version 00 in what is written.

use std::fmt;

use super::{SpanId, TraceFlags, TraceId};

/// `version-traceid-spanid-flags` with 2, 32, 16 and 2 hexadecimal digits.
const LENGTH: usize = 55;

/// Why a `traceparent` was refused. Whoever gets one of these starts a new trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTraceparent {
    /// The carrier holds none.
    #[error("no `traceparent`")]
    Missing,
    /// The carrier holds more than one.
    #[error("more than one `traceparent`, expected exactly one")]
    Several,
    /// Too short, or something follows where nothing may.
    #[error(
        "`traceparent` has the wrong length, expected 55 characters, or a `-` after them in a later version"
    )]
    Length,
    /// Not two lower-case hexadecimal digits, or `ff`.
    #[error("`traceparent` has an invalid version, expected `00` to `fe`")]
    Version,
    /// Not 32 lower-case hexadecimal digits, or all zero.
    #[error(
        "`traceparent` has an invalid trace id, expected 32 lower-case hexadecimal digits, not all zero"
    )]
    TraceId,
    /// Not 16 lower-case hexadecimal digits, or all zero.
    #[error(
        "`traceparent` has an invalid span id, expected 16 lower-case hexadecimal digits, not all zero"
    )]
    SpanId,
    /// Not two lower-case hexadecimal digits.
    #[error("`traceparent` has invalid flags, expected two lower-case hexadecimal digits")]
    Flags,
}

/// A `traceparent` ready to be written, on the stack.
///
/// ```
/// use baton_propagators::context::TraceContext;
///
/// // A later version with fields that we do not know is handed on as version 00 without them.
/// let future = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what-the-future-will-be-like";
/// let context = TraceContext::parse(future, None)?;
/// assert_eq!(context.traceparent().as_str(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03");
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Traceparent([u8; LENGTH]);

/// What a `traceparent` says.
pub(super) struct Ids {
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    pub(super) flags: TraceFlags,
}

/// <https://www.w3.org/TR/trace-context-2/#versioning-of-traceparent>
pub(super) fn parse(value: &str) -> Result<Ids, InvalidTraceparent> {
    let mut fields = Fields(trim(value.as_bytes()));

    let [version] = fields.hex().ok_or(InvalidTraceparent::Version)?;
    if version == 0xff {
        return Err(InvalidTraceparent::Version);
    }
    fields.dash()?;
    let trace_id = fields
        .hex()
        .and_then(TraceId::new)
        .ok_or(InvalidTraceparent::TraceId)?;
    fields.dash()?;
    let span_id = fields
        .hex()
        .and_then(SpanId::new)
        .ok_or(InvalidTraceparent::SpanId)?;
    fields.dash()?;
    let [flags] = fields.hex().ok_or(InvalidTraceparent::Flags)?;

    match (version, fields.0) {
        (_, []) | (1.., [b'-', ..]) => Ok(Ids {
            trace_id,
            span_id,
            flags: TraceFlags::from_bits(flags),
        }),
        _ => Err(InvalidTraceparent::Length),
    }
}

/// Without spaces and tabs at both ends.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

// ===== impl Traceparent =====

impl Traceparent {
    pub(super) fn new(trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Self {
        let mut text = [b'-'; LENGTH];
        let (version, rest) = text.split_at_mut(3);
        let (trace, rest) = rest.split_at_mut(33);
        let (span, last) = rest.split_at_mut(17);
        write_hex(version, &[0]);
        write_hex(trace, &trace_id.to_bytes());
        write_hex(span, &span_id.to_bytes());
        write_hex(last, &[flags.bits()]);
        Self(text)
    }

    /// The 55 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits and dashes are ever written into it.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traceparent({self})")
    }
}

/// What is left to read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    #[inline]
    fn hex<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (digits, rest) = self.0.split_at_checked(2 * N)?;
        self.0 = rest;
        parse_hex(digits)
    }

    #[inline]
    fn dash(&mut self) -> Result<(), InvalidTraceparent> {
        let [b'-', rest @ ..] = self.0 else {
            return Err(InvalidTraceparent::Length);
        };
        self.0 = rest;
        Ok(())
    }
}

/// Exactly `N` bytes of lower-case hexadecimal digits.
#[inline]
pub(crate) fn parse_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    let (words, rest) = digits.as_chunks::<8>();
    let (fours, others) = bytes.as_chunks_mut::<4>();
    for (four, word) in fours.iter_mut().zip(words) {
        *four = eight(*word)?;
    }
    let (pairs, _) = rest.as_chunks::<2>();
    for (byte, pair) in others.iter_mut().zip(pairs) {
        let [high, low] = pair.map(nibble);
        if high | low > 0xf {
            return None;
        }
        *byte = (high << 4) | low;
    }
    Some(bytes)
}

/// Eight digits at once, each in a byte of one word: a `traceparent` is read in every request.
const fn eight(digits: [u8; 8]) -> Option<[u8; 4]> {
    const fn all(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let text = u64::from_be_bytes(digits);
    // 1 for a letter; then the value of each digit, of a letter its low half and 9.
    let letter = (text >> 6) & all(1);
    let value = (text & all(0x0f)) + letter * 9;
    // What the values would be written as has to be what stands there, and the letters are those from 10 to 15.
    let written = value + all(b'0') + letter * 39;
    let from_10 = (value + all(6)) & all(0x10);
    if written != text || from_10 != letter << 4 || value & all(0x10) != 0 {
        return None;
    }
    let pairs = (value | (value >> 4)) & 0x00ff_00ff_00ff_00ff;
    let [_, first, _, second, _, third, _, fourth] = pairs.to_be_bytes();
    Some([first, second, third, fourth])
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0xff,
    }
}

fn write_hex(text: &mut [u8], bytes: &[u8]) {
    let (pairs, _) = text.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [byte >> 4, byte & 0xf].map(digit);
    }
}

const fn digit(nibble: u8) -> u8 {
    if nibble < 10 {
        b'0' + nibble
    } else {
        b'a' - 10 + nibble
    }
}

#[cfg(test)]
mod tests {
    use super::{
        InvalidTraceparent,
        InvalidTraceparent::{Flags, Length, SpanId, TraceId, Version},
        Traceparent, parse,
    };

    #[track_caller]
    fn check(value: &str, expected: Result<&str, InvalidTraceparent>) {
        let written =
            |ids: super::Ids| Traceparent::new(ids.trace_id, ids.span_id, ids.flags).to_string();
        let found = parse(value).map(written);
        assert_eq!(found.as_deref(), expected.as_ref().copied(), "{value:?}");
    }

    /// Every byte at every place: what reads eight digits at once agrees with what reads one.
    #[test]
    fn hexadecimal_digits() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut digits = *b"09afa90f";
                digits[place] = byte;
                let lower = std::str::from_utf8(&digits).ok().filter(|digits| {
                    digits
                        .bytes()
                        .all(|byte| b"0123456789abcdef".contains(&byte))
                });
                let expected =
                    lower.map(|digits| u32::from_str_radix(digits, 16).unwrap().to_be_bytes());
                assert_eq!(super::parse_hex::<4>(&digits), expected, "{digits:?}");
            }
        }
    }

    /// Beside the cases of the W3C suite, which has none of these.
    #[test]
    fn what_the_specification_says_and_the_suite_does_not_ask() {
        let upper = |value: &str| value.replace('a', "A");
        check(
            &upper("00-1234567890123456789012345678901a-1234567890123456-01"),
            Err(TraceId),
        );
        check(
            &upper("00-12345678901234567890123456789012-123456789012345a-01"),
            Err(SpanId),
        );
        check(
            &upper("00-12345678901234567890123456789012-1234567890123456-0a"),
            Err(Flags),
        );
        check(
            "00_12345678901234567890123456789012-1234567890123456-01",
            Err(Length),
        );
        check(
            "00-12345678901234567890123456789012_1234567890123456-01",
            Err(Length),
        );
        check(
            "00-12345678901234567890123456789012-1234567890123456_01",
            Err(Length),
        );
        check("", Err(Version));
        check("00", Err(Length));
        check("00-", Err(TraceId));
        check("00-12345678901234567890123456789012-", Err(SpanId));
        check(
            "00-12345678901234567890123456789012-1234567890123456-",
            Err(Flags),
        );
    }

    #[test]
    fn unknown_flags_are_written_as_zero() {
        let read = "00-12345678901234567890123456789012-1234567890123456-fe";
        check(
            read,
            Ok("00-12345678901234567890123456789012-1234567890123456-02"),
        );
    }

    #[test]
    fn characters_of_several_bytes_are_refused() {
        check(
            "00-1234567890123456789012345678901é-1234567890123456-01",
            Err(TraceId),
        );
        check(&"é".repeat(55), Err(Version));
    }
}
