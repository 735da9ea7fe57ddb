//! The names of the formats.

use std::{fmt, str::FromStr};

/// One way to write a context down, under its name in `OTEL_PROPAGATORS`.
///
/// ```
/// use baton_propagators::format::Format;
///
/// assert_eq!("b3multi".parse(), Ok(Format::B3Multi));
/// assert_eq!(Format::XRayLambda.to_string(), "xray-lambda");
/// assert_eq!(
///     "b4".parse::<Format>().map_err(|error| error.to_string()),
///     Err("unknown propagator `b4`, expected `tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, `xray-lambda`, \
///          `ottrace`, `datadog` or `none`".to_owned()),
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `traceparent` and `tracestate`: <https://www.w3.org/TR/trace-context-2/>.
    TraceContext,
    /// `baggage`: <https://www.w3.org/TR/baggage/>.
    Baggage,
    /// B3 in one header: <https://github.com/openzipkin/b3-propagation>.
    B3,
    /// B3 in several headers.
    B3Multi,
    /// `uber-trace-id`: <https://www.jaegertracing.io/sdk-migration/#propagation-format>.
    Jaeger,
    /// `X-Amzn-Trace-Id`: <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>.
    XRay,
    /// The same header where Lambda puts it.
    XRayLambda,
    /// OpenTracing's basic tracers.
    OtTrace,
    /// `x-datadog-…`.
    Datadog,
    /// Nothing is read or written.
    None,
}

/// A name that is no format.
///
/// ```
/// use baton_propagators::format::{Format, UnknownFormat};
///
/// assert_eq!("zipkin".parse::<Format>(), Err(UnknownFormat("zipkin".to_owned())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown propagator `{0}`, expected `tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, `xray-lambda`, `ottrace`, `datadog` or `none`"
)]
pub struct UnknownFormat(pub String);

// ===== impl Format =====

impl Format {
    /// Every format.
    ///
    /// ```
    /// use baton_propagators::format::Format;
    ///
    /// assert!(Format::ALL.iter().all(|format| format.as_str().parse() == Ok(*format)));
    /// ```
    pub const ALL: [Self; 10] = [
        Self::TraceContext,
        Self::Baggage,
        Self::B3,
        Self::B3Multi,
        Self::Jaeger,
        Self::XRay,
        Self::XRayLambda,
        Self::OtTrace,
        Self::Datadog,
        Self::None,
    ];

    /// The name in `OTEL_PROPAGATORS`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TraceContext => "tracecontext",
            Self::Baggage => "baggage",
            Self::B3 => "b3",
            Self::B3Multi => "b3multi",
            Self::Jaeger => "jaeger",
            Self::XRay => "xray",
            Self::XRayLambda => "xray-lambda",
            Self::OtTrace => "ottrace",
            Self::Datadog => "datadog",
            Self::None => "none",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Upper and lower case are one, as for every such value of OpenTelemetry.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(name.trim()));
        // An error message of a megabyte helps nobody.
        found.ok_or_else(|| UnknownFormat(name.trim().chars().take(64).collect()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
