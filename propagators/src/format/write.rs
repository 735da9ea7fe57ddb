//! Which format writes what.

use super::{Format, Outgoing, baggage};
use crate::{
    carrier::CarrierMut,
    context::{TRACEPARENT, TRACESTATE, TraceContext},
};

/// Writes the fields of one format.
pub(super) fn write<C: CarrierMut + ?Sized>(
    format: Format,
    outgoing: &Outgoing<'_>,
    carrier: &mut C,
) {
    match (format, outgoing.context, outgoing.baggage) {
        (Format::TraceContext, Some(context), _) => tracecontext(context, carrier),
        (Format::Baggage, _, Some(list)) => baggage::write(list, carrier),
        _ => {}
    }
}

fn tracecontext<C: CarrierMut + ?Sized>(context: &TraceContext<'_>, carrier: &mut C) {
    carrier.set(TRACEPARENT, context.traceparent().as_str());
    if !context.state().is_empty() {
        carrier.set(TRACESTATE, context.state().as_str());
    }
}
