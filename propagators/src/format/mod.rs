//! How a context is written down: the formats, by the names of `OTEL_PROPAGATORS`.
//!
//! A format knows names and grammar and nothing of where they ride: each works over every [`Carrier`](crate::carrier::Carrier) and [`CarrierMut`](crate::carrier::CarrierMut),
//! and as OpenTelemetry's `TextMapPropagator` through [`Propagator`].
//!
//! | name | fields | beside the ids |
//! |---|---|---|
//! | `tracecontext` | `traceparent`, `tracestate` | [`TraceState`](crate::context::TraceState) |
//! | `baggage` | `baggage` | [`Baggage`] with its properties |
//! | `b3`, `b3multi` | `b3`; `x-b3-…`. Both read both | no decision yet, debug |
//! | `jaeger` | `uber-trace-id`, `uberctx-…` | debug, baggage |
//! | `xray` | `x-amzn-trace-id`, `AWSTraceHeader` | `Lineage` and every key that is not known here |
//! | `xray-lambda` | reads `lambda-runtime-trace-id`, `_X_AMZN_TRACE_ID`; writes as `xray` | the same |
//! | `ottrace` | `ot-tracer-…`, `ot-baggage-…` | baggage |
//! | `datadog` | `x-datadog-…` | priority, origin and tags, as the `dd` entry of the `tracestate` |
//! | `none` | | |
//!
//! Names are read without case where the carrier allows it, and written in lower case.

mod b3;
mod baggage;
mod datadog;
mod extracted;
mod ids;
mod jaeger;
mod list;
mod member;
mod name;
mod ottrace;
mod propagator;
mod read;
#[cfg(test)]
mod vectors;
mod write;
mod xray;

pub use baggage::Baggage;
pub use extracted::{Extra, Extracted, Outgoing, Sampling};
pub use list::Formats;
pub use member::Member;
pub use name::{Format, UnknownFormat};
pub use propagator::Propagator;
pub use xray::XRayHeader;

use read::read;
use write::{field_names, write};
