//! What the formats share: ids of many lengths, and one value under several spellings of its name.

use crate::{
    carrier::Carrier,
    context::{SpanId, TraceFlags, TraceId},
};

const MAX_PREFIXED: usize = 180;

pub(super) fn flags(sampled: bool) -> TraceFlags {
    if sampled {
        TraceFlags::SAMPLED
    } else {
        TraceFlags::default()
    }
}

/// Up to 32 hexadecimal digits, padded with zeros from the left.
pub(super) fn trace_id(digits: &str) -> Option<TraceId> {
    hex(digits, 32).and_then(|id| TraceId::new(id.to_be_bytes()))
}

/// Up to 16 hexadecimal digits, padded with zeros from the left.
pub(super) fn span_id(digits: &str) -> Option<SpanId> {
    let id = u64::try_from(hex(digits, 16)?).ok()?;
    SpanId::new(id.to_be_bytes())
}

fn hex(digits: &str, most: usize) -> Option<u128> {
    let digit = |number: u128, byte: u8| {
        let digit = char::from(byte).to_digit(16)?;
        Some((number << 4) | u128::from(digit))
    };
    let fits = (1..=most).contains(&digits.len());
    fits.then_some(digits)?.bytes().try_fold(0, digit)
}

/// The halves of a trace id, as 64-bit systems know them.
pub(super) fn halves(id: TraceId) -> (u64, u64) {
    let id = u128::from_be_bytes(id.to_bytes());
    let low = id & u128::from(u64::MAX);
    let half = |half: u128| u64::try_from(half).unwrap_or_default();
    (half(id >> 64), half(low))
}

/// The value under the first of these names that is there. Message attributes have case, and senders differ.
///
/// Several values under one name read as an empty one, which no format accepts: none of them is more right.
pub(super) fn one<'c, C: Carrier>(carrier: &'c C, names: &[&str]) -> Option<&'c str> {
    names.iter().find_map(|name| {
        let mut values = carrier.values_of(name);
        let first = values.next()?;
        Some(values.next().map_or(first, |_| "").trim())
    })
}

/// The fields whose names start with `prefix`, without it. Nobody has more than the W3C's 180, and nobody is made to look at
/// more.
pub(super) fn prefixed<'c, C: Carrier>(
    carrier: &'c C,
    prefix: &str,
) -> impl Iterator<Item = (&'c str, &'c str)> {
    let split = move |name: &'c str| {
        let (start, key) = name.split_at_checked(prefix.len())?;
        let found = start.eq_ignore_ascii_case(prefix).then_some(key)?;
        Some((found, carrier.values_of(name).next()?))
    };
    carrier.names().filter_map(split).take(MAX_PREFIXED)
}
