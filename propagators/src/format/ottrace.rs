//! What OpenTracing's basic tracers write. No crate for Rust has it.

use super::{
    Baggage, Extra, Outgoing,
    ids::{flags, halves, one, prefixed, span_id, trace_id},
    read::Found,
};
use crate::{
    carrier::{Carrier, CarrierMut},
    context::TraceContext,
};

pub(super) const TRACE_ID: &str = "ot-tracer-traceid";
pub(super) const SPAN_ID: &str = "ot-tracer-spanid";
pub(super) const SAMPLED: &str = "ot-tracer-sampled";
pub(super) const PREFIX: &str = "ot-baggage-";

pub(super) fn read<C: Carrier>(carrier: &C) -> Found<'_> {
    let trace = one(carrier, &[TRACE_ID]);
    let span = one(carrier, &[SPAN_ID]);
    let sampled = one(carrier, &[SAMPLED]) == Some("true");
    let lower = |digits: &&str| !digits.bytes().any(|byte| byte.is_ascii_uppercase());
    if trace.is_none() && span.is_none() {
        return Found::Nothing;
    }
    let trace = trace.filter(lower).and_then(trace_id);
    match (trace, span.filter(lower).and_then(span_id)) {
        (Some(trace), Some(span)) => {
            let context = TraceContext::new(trace, span, flags(sampled));
            Found::Context(context, Extra::default())
        }
        _ => Found::Invalid,
    }
}

/// Adds what is not there yet, and counts what does not fit.
pub(super) fn read_baggage<C: Carrier>(carrier: &C, into: &mut Baggage<'_>) -> u32 {
    prefixed(carrier, PREFIX)
        .map(|(key, value)| u32::from(!into.insert_new(key, value)))
        .sum()
}

/// The readers of this format know 64 bits of a trace id: the lower ones are written. An id that has none is left out.
pub(super) fn write<C: CarrierMut + ?Sized>(outgoing: &Outgoing<'_>, carrier: &mut C) {
    let Some(context) = outgoing.context else {
        return;
    };
    let (_, low) = halves(context.trace_id());
    if low == 0 {
        return;
    }
    carrier.set(TRACE_ID, &format!("{low:016x}"));
    carrier.set(SPAN_ID, &context.span_id().to_string());
    let sampled = context.flags().is_sampled();
    carrier.set(SAMPLED, if sampled { "true" } else { "false" });
    for member in outgoing.baggage.into_iter().flat_map(Baggage::members) {
        let value = member.value();
        // Nothing is encoded here, so only what a header can hold is written.
        if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            carrier.set(&format!("{PREFIX}{}", member.key()), &value);
        }
    }
}
