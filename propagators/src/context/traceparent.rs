//! `traceparent`: strict in what is read, version 00 in what is written.

use std::fmt;

use super::{
    SpanId, TraceFlags, TraceId,
    hex::{eight, nibble, parse_hex, write_hex},
};

/// `version-traceid-spanid-flags` with 2, 32, 16 and 2 hexadecimal digits.
const LENGTH: usize = 55;

/// Why a `traceparent` was refused. Whoever gets one of these starts a new trace.
///
/// ```
/// use baton_propagators::context::{InvalidTraceparent, TraceContext};
///
/// let refused = TraceContext::parse("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None);
/// assert_eq!(refused, Err(InvalidTraceparent::Version));
/// ```
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
#[inline]
pub(super) fn parse(value: &str) -> Result<Ids, InvalidTraceparent> {
    match value.as_bytes().as_array::<LENGTH>().and_then(version_00) {
        Some(ids) => Ok(ids),
        None => any(value),
    }
}

/// What nearly every one is, in one go: every digit is looked at, and asked about once at the end.
#[inline]
fn version_00(value: &[u8; LENGTH]) -> Option<Ids> {
    let (words, _) = value.get(3..35)?.as_chunks::<8>();
    let &[a, b, c, d] = words.as_array::<4>()?;
    let (words, _) = value.get(36..52)?.as_chunks::<8>();
    let &[e, f] = words.as_array::<2>()?;
    let &[b'0', b'0', b'-', .., b'-', high, low] = value else {
        return None;
    };
    if value.get(35) != Some(&b'-') {
        return None;
    }
    let [high, low] = [high, low].map(nibble);
    let words = [a, b, c, d, e, f].map(eight);
    let wrong = words.iter().fold(0, |wrong, (_, bits)| wrong | bits);
    if wrong != 0 || high | low > 0xf {
        return None;
    }
    let [a, b, c, d, e, f] = words.map(|(half, _)| half);
    let long = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    let trace = u128::from(long(a, b)) << 64 | u128::from(long(c, d));
    Some(Ids {
        trace_id: TraceId::new(trace.to_be_bytes())?,
        span_id: SpanId::new(long(e, f).to_be_bytes())?,
        flags: TraceFlags::from_bits((high << 4) | low),
    })
}

/// With spaces around it, of a later version, or broken.
#[cold]
fn any(value: &str) -> Result<Ids, InvalidTraceparent> {
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
