//! Jaeger's `uber-trace-id` and its baggage.
//!
//! Ours, because `opentelemetry-jaeger-propagator` 0.32 reads the flags as decimal (`…:0:aa`, two digits of hex, is refused),
//! writes "debug" into a flag bit, and refuses the whole context when one key of the baggage is too long for a `tracestate`.

use percent_encoding::percent_decode_str;

use super::{
    Baggage, Extra, Outgoing, Sampling,
    ids::{flags, one, prefixed, span_id, trace_id},
    read::Found,
};
use crate::{
    carrier::{Carrier, CarrierMut},
    context::TraceContext,
};

pub(super) const HEADER: &str = "uber-trace-id";
pub(super) const PREFIX: &str = "uberctx-";

const SAMPLED: u8 = 1;
const DEBUG: u8 = 2;

pub(super) fn read<C: Carrier>(carrier: &C) -> Found<'_> {
    let Some(value) = one(carrier, &[HEADER, "Uber-Trace-Id"]) else {
        return Found::Nothing;
    };
    // Some clients encode the colons for the way through a URL.
    let decoded = percent_decode_str(value).decode_utf8_lossy();
    context(&decoded).map_or(Found::Invalid, |(context, sampling)| {
        Found::Context(context, Extra::new(sampling))
    })
}

/// `{trace}:{span}:{parent}:{flags}`; nobody needs the parent's parent.
/// <https://www.jaegertracing.io/sdk-migration/#value>
fn context(value: &str) -> Option<(TraceContext<'static>, Sampling)> {
    let mut parts = value.split(':');
    let trace = parts.next().and_then(trace_id)?;
    let span = parts.next().and_then(span_id)?;
    let _parent = parts.next()?;
    let bits = parts.next().filter(|bits| {
        (1..=2).contains(&bits.len()) && bits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })?;
    let bits = u8::from_str_radix(bits, 16).ok()?;
    let sampled = bits & SAMPLED != 0;
    let sampling = match bits & DEBUG {
        0 => Sampling::Flag,
        _ if sampled => Sampling::Debug,
        _ => Sampling::Flag,
    };
    parts
        .next()
        .is_none()
        .then(|| (TraceContext::new(trace, span, flags(sampled)), sampling))
}

/// Adds what is not there yet, and counts what does not fit.
pub(super) fn read_baggage<C: Carrier>(carrier: &C, into: &mut Baggage<'_>) -> u32 {
    let mut left_out = 0;
    for (key, value) in prefixed(carrier, PREFIX) {
        let value = percent_decode_str(value).decode_utf8_lossy();
        left_out += u32::from(!into.insert_new(key, &value));
    }
    left_out
}

pub(super) fn write<C: CarrierMut + ?Sized>(outgoing: &Outgoing<'_>, carrier: &mut C) {
    if let Some(context) = outgoing.context {
        let bits = match outgoing.sampling {
            Sampling::Debug => SAMPLED | DEBUG,
            _ => u8::from(context.flags().is_sampled()),
        };
        let (trace, span) = (context.trace_id(), context.span_id());
        carrier.set(HEADER, &format!("{trace}:{span}:0:{bits:x}"));
    }
    for member in outgoing.baggage.into_iter().flat_map(Baggage::members) {
        carrier.set(&format!("{PREFIX}{}", member.key()), member.encoded());
    }
}
