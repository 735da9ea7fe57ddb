//! Places that trace context rides in.
//!
//! A carrier knows nothing of formats. Each one works with our own reader ([`TraceContext::extract`], which borrows and
//! does not allocate) and as OpenTelemetry's `Extractor` or `Injector`, so that every `TextMapPropagator` works over it.
//!
//! | carrier | reads | writes |
//! |---|---|---|
//! | [`http::HeaderMap`], [`HeaderExtractor`], [`HeaderInjector`] | HTTP headers | HTTP headers |
//! | [`EventHeaders`] | the JSON headers of API Gateway v1 and v2, ALB and Function URL events | |
//! | [`RecordAttributes`] | the message attributes of an SQS record in a Lambda event | |
//! | [`MessageAttributes`] | the message attributes that `aws-sdk-sqs` received | |
//! | [`SendAttributes`] | | the message attributes that `aws-sdk-sqs` sends |
//! | [`HeaderList`], [`HeaderListMut`] | names and bytes: Kafka, AMQP | the same |
//! | [`SetWith`] | | whatever a function puts it into |
//! | [`OtelExtractor`], [`OtelInjector`] | any `Extractor` of OpenTelemetry | any `Injector` |
//! | `HashMap<String, String>` | as OpenTelemetry reads it: names in lower case | in lower case |
//! | [`XRayHeader`] | `AWSTraceHeader`, `Lambda-Runtime-Trace-Id` | `AWSTraceHeader` |
//!
//! [`TraceContext::extract`]: crate::context::TraceContext::extract

mod event_headers;
mod header_list;
mod headers;
mod otel;
mod record_attributes;
#[cfg(feature = "sqs")]
mod sqs_message;

pub use crate::format::XRayHeader;
#[cfg(feature = "sqs")]
pub use crate::send::MAX_MESSAGE_ATTRIBUTES;
pub use event_headers::EventHeaders;
pub use header_list::{HeaderList, HeaderListMut, SetWith};
pub use headers::{HeaderExtractor, HeaderInjector};
pub use otel::{OtelExtractor, OtelInjector};
pub use record_attributes::RecordAttributes;
#[cfg(feature = "sqs")]
pub use sqs_message::{MessageAttributes, SendAttributes};

/// The system attribute of an SQS message that holds an X-Ray header. It does not count against the ten attributes.
///
/// ```
/// assert_eq!(baton_propagators::carrier::AWS_TRACE_HEADER, "AWSTraceHeader");
/// ```
pub const AWS_TRACE_HEADER: &str = "AWSTraceHeader";

/// Something that holds text under names.
///
/// ```
/// use baton_propagators::carrier::Carrier;
/// use baton_propagators::context::TraceContext;
///
/// struct Row { traceparent: String }
///
/// impl Carrier for Row {
///     fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
///         (name == "traceparent").then_some(self.traceparent.as_str()).into_iter()
///     }
/// }
///
/// let row = Row { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned() };
/// assert!(TraceContext::extract(&row)?.flags().is_sampled());
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
pub trait Carrier {
    /// Every value under `name`, in order. More than one is possible where the carrier allows it: HTTP headers.
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str>;

    /// Every name, for the formats that put a part of their data there: `uberctx-…`, `ot-baggage-…`. A carrier that has no
    /// list of them shows none.
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
}

/// Something that takes text under names.
///
/// Unlike OpenTelemetry's `Injector` it is handed borrowed text, so that a carrier that has room needs no allocation.
///
/// ```
/// use baton_propagators::{carrier::CarrierMut, context::TraceContext, format::{Formats, Outgoing}};
///
/// #[derive(Default)]
/// struct Row { traceparent: String }
///
/// impl CarrierMut for Row {
///     fn set(&mut self, name: &str, value: &str) {
///         if name == "traceparent" {
///             self.traceparent.clear();
///             self.traceparent.push_str(value);
///         }
///     }
/// }
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let mut row = Row::default();
/// Formats::default().inject(&Outgoing::new(&TraceContext::parse(parent, None)?), &mut row);
/// assert_eq!(row.traceparent, parent);
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
pub trait CarrierMut {
    /// Puts one value under `name`, in place of what was there. A carrier may leave out what it cannot take.
    fn set(&mut self, name: &str, value: &str);
}
