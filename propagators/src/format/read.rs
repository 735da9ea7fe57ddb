//! Which format reads what.

use super::{Extra, Extracted, Format, b3, baggage, datadog, jaeger, ottrace, xray};
use crate::{
    carrier::Carrier,
    context::{InvalidTraceparent, TraceContext},
};

/// What one format finds in a carrier.
pub(super) enum Found<'c> {
    /// Not one of its fields is there.
    Nothing,
    /// Its fields are there, and not valid.
    Invalid,
    /// No ids, only what is beside them.
    Only(Extra<'c>),
    Context(TraceContext<'c>, Extra<'c>),
}

/// Adds what one format finds.
pub(super) fn read<'c, C: Carrier>(format: Format, carrier: &'c C, into: &mut Extracted<'c>) {
    let found = match format {
        Format::TraceContext => tracecontext(carrier),
        Format::B3 | Format::B3Multi => b3::read(carrier),
        Format::Jaeger => jaeger::read(carrier),
        Format::XRay => xray::read(carrier),
        Format::XRayLambda => xray::read_lambda(carrier),
        Format::OtTrace => ottrace::read(carrier),
        Format::Datadog => datadog::read(carrier),
        Format::Baggage | Format::None => Found::Nothing,
    };
    match found {
        Found::Nothing => {}
        Found::Invalid => into.invalid += 1,
        Found::Only(extra) => into.add_extra(extra),
        Found::Context(context, extra) => into.add(format, context, extra),
    }
    into.invalid += match format {
        Format::Baggage => {
            let (baggage, left_out) = baggage::read(carrier);
            left_out + into.baggage.add(baggage)
        }
        Format::Jaeger => jaeger::read_baggage(carrier, &mut into.baggage),
        Format::OtTrace => ottrace::read_baggage(carrier, &mut into.baggage),
        _ => 0,
    };
}

fn tracecontext<C: Carrier>(carrier: &C) -> Found<'_> {
    match TraceContext::extract(carrier) {
        Ok(context) => Found::Context(context, Extra::default()),
        Err(InvalidTraceparent::Missing) => Found::Nothing,
        Err(_) => Found::Invalid,
    }
}
