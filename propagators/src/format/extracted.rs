//! What was read, and what is to be written.

use std::borrow::Cow;

use super::{Baggage, Format, datadog};
use crate::context::TraceContext;

/// What a carrier holds, as a list of formats reads it.
///
/// ```
/// use baton_propagators::format::{Format, Formats};
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?);
/// headers.insert("baggage", "tenant=acme, broken".parse()?);
/// let found = Formats::default().extract(&headers);
/// assert_eq!((found.format, found.baggage.as_str(), found.invalid), (Some(Format::TraceContext), "tenant=acme", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extracted<'a> {
    /// The context of the first format that has a valid one.
    pub context: Option<TraceContext<'a>>,
    /// Which format that is.
    pub format: Option<Format>,
    /// What later formats say, when they name another trace; at most one for each format.
    pub others: Vec<(Format, TraceContext<'a>)>,
    /// What the application hands along.
    pub baggage: Baggage<'a>,
    /// What `context` does not hold and the next process wants.
    pub extra: Extra<'a>,
    /// How many contexts and entries of the baggage were there and not valid, or over a limit.
    pub invalid: u32,
}

/// What some formats know beside ids, flags and `tracestate`.
///
/// It goes along unchanged: from what was extracted into what is injected, whatever span was started in between.
///
/// ```
/// use baton_propagators::format::{Formats, Sampling};
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a87bd80c:1".parse()?);
/// headers.insert("b3", "0".parse()?);
/// let found = Formats::parse("xray,b3").0.extract(&headers);
/// assert_eq!((found.context, found.invalid), (None, 0));
/// assert_eq!(found.extra.xray, "Lineage=a87bd80c:1");
/// assert_eq!(found.extra.sampling, Sampling::Only(false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra<'a> {
    /// What is said about sampling beyond the flag.
    pub sampling: Sampling,
    /// The parts of an X-Ray header that are not known here, as they came: `Lineage=a87bd80c:1|68fd508a:5`. Lambda stops
    /// endless loops by it.
    pub xray: Cow<'a, str>,
}

/// What B3, Jaeger and X-Ray can say about sampling, and the one flag cannot.
///
/// ```
/// use baton_propagators::format::{Formats, Sampling};
///
/// let b3 = Formats::parse("b3").0;
/// for (value, sampling) in [
///     ("80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1", Sampling::Flag),
///     ("80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1", Sampling::Deferred),
///     ("80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d", Sampling::Debug),
///     ("0", Sampling::Only(false)),
/// ] {
///     let mut headers = http::HeaderMap::new();
///     headers.insert("b3", http::HeaderValue::from_static(value));
///     assert_eq!(b3.extract(&headers).extra.sampling, sampling);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sampling {
    /// The flag says it all.
    #[default]
    Flag,
    /// Nobody decided yet: the flag is not set, and means nothing.
    Deferred,
    /// Keep this trace, whatever a sampler says.
    Debug,
    /// There are no ids, only the wish that a trace that starts here is sampled, or is not: `b3: 0`.
    Only(bool),
}

/// What is to be written.
///
/// ```
/// use std::collections::HashMap;
/// use baton_propagators::{context::TraceContext, format::{Formats, Outgoing}};
///
/// let context = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None)?;
/// let mut sent = HashMap::new();
/// Formats::parse("xray").0.inject(&Outgoing::new(&context), &mut sent);
/// assert_eq!(sent["x-amzn-trace-id"], "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1");
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Outgoing<'a> {
    /// The span that sends; without one only what stands beside a context is written.
    pub(super) context: Option<&'a TraceContext<'a>>,
    pub(super) baggage: Option<&'a Baggage<'a>>,
    pub(super) sampling: Sampling,
    /// The rest of an X-Ray header.
    pub(super) xray: &'a str,
}

// ===== impl Extracted =====

impl<'a> Extracted<'a> {
    /// The first context wins; a later one counts when it names another trace.
    pub(super) fn add(&mut self, format: Format, context: TraceContext<'a>, extra: Extra<'a>) {
        match &self.context {
            None => {
                self.context = Some(context);
                self.format = Some(format);
                self.extra.sampling = extra.sampling;
            }
            Some(first) if first.trace_id() != context.trace_id() => {
                self.others.push((format, context));
            }
            // Datadog writes both: the W3C twin also has the entries of other vendors.
            Some(first) if format == Format::TraceContext && datadog::is_all(first.state()) => {
                let state = context.state().clone();
                self.context = self.context.take().map(|first| first.with_state(state));
            }
            Some(_) => {}
        }
        self.keep_xray(extra.xray);
    }

    /// What was said without ids holds until ids are found.
    pub(super) fn add_extra(&mut self, extra: Extra<'a>) {
        if self.context.is_none() && self.extra.sampling == Sampling::Flag {
            self.extra.sampling = extra.sampling;
        }
        self.keep_xray(extra.xray);
    }

    fn keep_xray(&mut self, rest: Cow<'a, str>) {
        if self.extra.xray.is_empty() {
            self.extra.xray = rest;
        }
    }

    /// The same, no longer borrowed from the carrier.
    #[must_use]
    pub fn into_owned(self) -> Extracted<'static> {
        let owned = |(format, context): (_, TraceContext<'_>)| (format, context.into_owned());
        Extracted {
            context: self.context.map(TraceContext::into_owned),
            format: self.format,
            others: self.others.into_iter().map(owned).collect(),
            baggage: self.baggage.into_owned(),
            extra: self.extra.into_owned(),
            invalid: self.invalid,
        }
    }
}

// ===== impl Extra =====

impl Extra<'_> {
    pub(super) const fn new(sampling: Sampling) -> Self {
        Self {
            sampling,
            xray: Cow::Borrowed(""),
        }
    }

    /// The same, no longer borrowed.
    #[must_use]
    pub fn into_owned(self) -> Extra<'static> {
        Extra {
            sampling: self.sampling,
            xray: Cow::Owned(self.xray.into_owned()),
        }
    }
}

// ===== impl Outgoing =====

impl<'a> Outgoing<'a> {
    /// A context and nothing else.
    #[must_use]
    pub fn new(context: &'a TraceContext<'a>) -> Self {
        Self {
            context: Some(context),
            ..Self::default()
        }
    }

    /// With what the application hands along.
    ///
    /// ```
    /// use baton_propagators::format::{Baggage, Formats, Outgoing};
    ///
    /// let (baggage, _) = Baggage::parse("tenant=acme");
    /// let mut headers = http::HeaderMap::new();
    /// Formats::default().inject(&Outgoing::default().with_baggage(&baggage), &mut headers);
    /// assert_eq!(headers["baggage"], "tenant=acme");
    /// ```
    #[must_use]
    pub const fn with_baggage(mut self, baggage: &'a Baggage<'a>) -> Self {
        self.baggage = Some(baggage);
        self
    }

    /// With what came in beside the context.
    ///
    /// ```
    /// use baton_propagators::{context::SpanId, format::{Formats, Outgoing}};
    ///
    /// let mut request = http::HeaderMap::new();
    /// request.insert("baggage", "tenant=acme;plan=gold".parse()?);
    /// request.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?);
    /// let received = Formats::default().extract(&request);
    ///
    /// let Some((parent, span)) = received.context.as_ref().zip(SpanId::new([7; 8])) else { unreachable!() };
    /// let mut sent = http::HeaderMap::new();
    /// Formats::default().inject(&Outgoing::new(&parent.child(span)).with(&received), &mut sent);
    /// assert_eq!(sent["traceparent"], "00-4bf92f3577b34da6a3ce929d0e0e4736-0707070707070707-01");
    /// assert_eq!(sent["baggage"], "tenant=acme;plan=gold");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with(mut self, received: &'a Extracted<'a>) -> Self {
        let parent = received.context.as_ref().map(TraceContext::span_id);
        let handed_on = parent == self.context.map(TraceContext::span_id);
        self.baggage = Some(&received.baggage);
        self.xray = &received.extra.xray;
        self.sampling = match received.extra.sampling {
            // A span that was started here has decided.
            Sampling::Deferred if !handed_on => Sampling::Flag,
            sampling => sampling,
        };
        self
    }
}
