//! Which format writes what.

use super::{Format, Outgoing, b3, baggage, datadog, jaeger, ottrace, xray};
use crate::{
    carrier::CarrierMut,
    context::{TRACEPARENT, TRACESTATE},
};

/// Writes the fields of one format.
pub(super) fn write<C: CarrierMut + ?Sized>(
    format: Format,
    outgoing: &Outgoing<'_>,
    carrier: &mut C,
) {
    match format {
        Format::TraceContext => {
            if let Some(context) = outgoing.context {
                context.inject(carrier);
            }
        }
        Format::Baggage => baggage::write(outgoing, carrier),
        Format::B3 => b3::write_single(outgoing, carrier),
        Format::B3Multi => b3::write_several(outgoing, carrier),
        Format::Jaeger => jaeger::write(outgoing, carrier),
        Format::XRay | Format::XRayLambda => xray::write(outgoing, carrier),
        Format::OtTrace => ottrace::write(outgoing, carrier),
        Format::Datadog => datadog::write(outgoing, carrier),
        Format::None => {}
    }
}

/// The fields that one format writes whenever there is something to write.
pub(super) const fn field_names(format: Format) -> &'static [&'static str] {
    match format {
        Format::TraceContext => &[TRACEPARENT, TRACESTATE],
        Format::Baggage => &[baggage::BAGGAGE],
        Format::B3 => &[b3::SINGLE],
        Format::B3Multi => &["x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags"],
        Format::Jaeger => &[jaeger::HEADER],
        Format::XRay | Format::XRayLambda => &[xray::HEADER],
        Format::OtTrace => &[ottrace::TRACE_ID, ottrace::SPAN_ID, ottrace::SAMPLED],
        Format::Datadog => &[
            datadog::TRACE_ID,
            datadog::PARENT_ID,
            datadog::PRIORITY,
            datadog::ORIGIN,
            datadog::TAGS,
        ],
        Format::None => &[],
    }
}
