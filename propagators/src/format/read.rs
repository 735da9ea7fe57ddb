//! Which format reads what.

use super::{Extra, Extracted, Format, baggage};
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
    Context(TraceContext<'c>, Extra<'c>),
}

/// Adds what one format finds.
pub(super) fn read<'c, C: Carrier>(format: Format, carrier: &'c C, into: &mut Extracted<'c>) {
    let found = match format {
        Format::TraceContext => tracecontext(carrier),
        Format::Baggage => {
            let (found, left_out) = baggage::read(carrier);
            into.invalid += left_out;
            into.baggage = found;
            Found::Nothing
        }
        _ => Found::Nothing,
    };
    match found {
        Found::Nothing => {}
        Found::Invalid => into.invalid += 1,
        Found::Context(context, extra) => into.add(format, context, extra),
    }
}

fn tracecontext<C: Carrier>(carrier: &C) -> Found<'_> {
    match TraceContext::extract(carrier) {
        Ok(context) => Found::Context(context, Extra::default()),
        Err(InvalidTraceparent::Missing) => Found::Nothing,
        Err(_) => Found::Invalid,
    }
}
