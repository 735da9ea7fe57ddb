//! Ids of new traces and spans.

use baton_propagators::context::{SpanId, TraceContext, TraceFlags, TraceId};

/// A span under `parent`, or the first one of a new trace.
pub(crate) fn span<'a>(parent: Option<&'a TraceContext<'_>>) -> TraceContext<'a> {
    match parent {
        Some(parent) => parent.child(span_id()),
        // All of its bytes are random, and so the flag is set.
        None => TraceContext::new(trace_id(), span_id(), flags()),
    }
}

fn flags() -> TraceFlags {
    TraceFlags::from_bits(TraceFlags::SAMPLED.bits() | TraceFlags::RANDOM.bits())
}

fn trace_id() -> TraceId {
    loop {
        if let Some(id) = TraceId::new(fastrand::u128(..).to_be_bytes()) {
            return id;
        }
    }
}

fn span_id() -> SpanId {
    loop {
        if let Some(id) = SpanId::new(fastrand::u64(..).to_be_bytes()) {
            return id;
        }
    }
}
