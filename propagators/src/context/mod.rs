//! W3C trace context, Level 2: ids, `traceparent` and `tracestate`.
//!
//! Reading borrows from the carrier and allocates nothing; only several `tracestate` values have to be joined into one
//! new string. What is not exactly as the specification wants it is refused: a broken `traceparent` means a new trace,
//! a broken `tracestate` is dropped and never takes the `traceparent` with it.
//!
//! Specification: <https://www.w3.org/TR/trace-context-2/>

mod hex;
mod ids;
mod otel;
mod traceparent;
mod tracestate;
#[cfg(test)]
mod w3c_suite;

use std::iter;

pub(crate) use hex::parse_hex;
pub use ids::{SpanId, TraceFlags, TraceId};
pub use traceparent::{InvalidTraceparent, Traceparent};
pub use tracestate::TraceState;

use crate::carrier::{Carrier, CarrierMut};

/// The header, attribute or field that holds the ids and the flags.
///
/// ```
/// assert!(baton_propagators::context::TRACEPARENT.starts_with("trace"));
/// ```
pub const TRACEPARENT: &str = "traceparent";
/// The header, attribute or field that holds what vendors add.
///
/// ```
/// assert!(baton_propagators::context::TRACESTATE.starts_with("trace"));
/// ```
pub const TRACESTATE: &str = "tracestate";

/// Where a span stands in a trace, as it travels between processes.
///
/// ```
/// use baton_propagators::context::TraceContext;
///
/// let received = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let context = TraceContext::parse(received, Some("congo=t61rcWkgMzE"))?;
///
/// assert_eq!(context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert_eq!(context.span_id().to_string(), "00f067aa0ba902b7");
/// assert!(context.flags().is_sampled());
/// assert_eq!(context.state().get("congo"), Some("t61rcWkgMzE"));
/// assert_eq!(context.traceparent().as_str(), received);
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext<'a> {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
    state: TraceState<'a>,
}

// ===== impl TraceContext =====

impl<'a> TraceContext<'a> {
    /// A context without `tracestate`.
    ///
    /// ```
    /// use baton_propagators::context::{SpanId, TraceContext, TraceFlags, TraceId};
    ///
    /// let (Some(trace), Some(span)) = (TraceId::new([1; 16]), SpanId::new([2; 8])) else { unreachable!() };
    /// let context = TraceContext::new(trace, span, TraceFlags::SAMPLED);
    /// assert_eq!(context.traceparent().as_str(), "00-01010101010101010101010101010101-0202020202020202-01");
    /// ```
    #[must_use]
    pub const fn new(trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Self {
        Self {
            trace_id,
            span_id,
            flags,
            state: TraceState::EMPTY,
        }
    }

    /// Reads one `traceparent` value and the `tracestate` that came with it.
    ///
    /// # Errors
    /// When `traceparent` is not valid. A bad `tracestate` is no error: it is dropped.
    ///
    /// ```
    /// use baton_propagators::context::{InvalidTraceparent, TraceContext};
    ///
    /// let context = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some("no list"))?;
    /// assert!(context.state().is_empty());
    /// assert_eq!(TraceContext::parse("00-4bf9-00f0-01", None), Err(InvalidTraceparent::TraceId));
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    pub fn parse(
        traceparent: &str,
        tracestate: Option<&'a str>,
    ) -> Result<Self, InvalidTraceparent> {
        let ids = traceparent::parse(traceparent)?;
        Ok(Self::of(&ids, TraceState::join(tracestate)))
    }

    /// Reads the context out of a carrier: headers, message attributes, whatever implements [`Carrier`].
    ///
    /// # Errors
    /// [`InvalidTraceparent`]: there is none, more than one, or it is broken.
    ///
    /// ```
    /// use baton_propagators::context::{InvalidTraceparent, TraceContext};
    ///
    /// let mut headers = http::HeaderMap::new();
    /// assert_eq!(TraceContext::extract(&headers), Err(InvalidTraceparent::Missing));
    ///
    /// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// headers.append("traceparent", parent.parse()?);
    /// assert_eq!(TraceContext::extract(&headers)?.traceparent().as_str(), parent);
    ///
    /// headers.append("traceparent", parent.parse()?);
    /// assert_eq!(TraceContext::extract(&headers), Err(InvalidTraceparent::Several));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn extract<C: Carrier>(carrier: &'a C) -> Result<Self, InvalidTraceparent> {
        let mut parents = carrier.values_of(TRACEPARENT);
        let parent = parents.next().ok_or(InvalidTraceparent::Missing)?;
        // Two parents cannot both be right, and none of them is more so: restart the trace, as the W3C suite wants.
        if parents.next().is_some() {
            return Err(InvalidTraceparent::Several);
        }
        let ids = traceparent::parse(parent)?;
        let state = TraceState::join(carrier.values_of(TRACESTATE));
        Ok(Self::of(&ids, state))
    }

    /// The trace that the span belongs to.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span that is the parent of what follows.
    #[must_use]
    pub const fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Sampled or not, random id or not.
    #[must_use]
    pub const fn flags(&self) -> TraceFlags {
        self.flags
    }

    /// What vendors added; empty when there was none or it was not valid.
    #[must_use]
    pub const fn state(&self) -> &TraceState<'a> {
        &self.state
    }

    /// The context of a span that was started under this one: another span id, all else the same.
    ///
    /// ```
    /// use baton_propagators::context::{SpanId, TraceContext};
    ///
    /// let parent = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some("a=1"))?;
    /// let Some(span) = SpanId::new([7; 8]) else { unreachable!() };
    /// let child = parent.child(span);
    /// assert_eq!(child.traceparent().as_str(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0707070707070707-01");
    /// assert_eq!(child.state(), parent.state());
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    #[must_use]
    pub fn child(&self, span_id: SpanId) -> TraceContext<'_> {
        TraceContext {
            trace_id: self.trace_id,
            span_id,
            flags: self.flags,
            state: self.state.borrowed(),
        }
    }

    /// The value to write into a carrier, always as version 00.
    #[must_use]
    pub fn traceparent(&self) -> Traceparent {
        Traceparent::new(self.trace_id, self.span_id, self.flags)
    }

    /// Writes `traceparent`, and `tracestate` unless it is empty, into a carrier.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use baton_propagators::context::TraceContext;
    ///
    /// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let mut attributes = HashMap::new();
    /// TraceContext::parse(parent, Some("congo=t61rcWkgMzE"))?.inject(&mut attributes);
    /// assert_eq!((attributes["traceparent"].as_str(), attributes["tracestate"].as_str()), (parent, "congo=t61rcWkgMzE"));
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    pub fn inject<C: CarrierMut + ?Sized>(&self, carrier: &mut C) {
        carrier.set(TRACEPARENT, self.traceparent().as_str());
        if !self.state.is_empty() {
            carrier.set(TRACESTATE, self.state.as_str());
        }
    }

    /// The fields to write into a carrier: `traceparent`, and `tracestate` unless it is empty.
    ///
    /// ```
    /// use baton_propagators::context::TraceContext;
    ///
    /// let context = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some("a=1"))?;
    /// let names: Vec<_> = context.fields().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["traceparent", "tracestate"]);
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        let state = (!self.state.is_empty()).then(|| (TRACESTATE, self.state.as_str().to_owned()));
        iter::once((TRACEPARENT, self.traceparent().to_string())).chain(state)
    }

    /// The same context, no longer borrowed from its carrier.
    ///
    /// ```
    /// use baton_propagators::context::TraceContext;
    ///
    /// let state = String::from("a=1");
    /// let context = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some(&state))?.into_owned();
    /// drop(state);
    /// assert_eq!(context.state().get("a"), Some("1"));
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    #[must_use]
    pub fn into_owned(self) -> TraceContext<'static> {
        TraceContext {
            trace_id: self.trace_id,
            span_id: self.span_id,
            flags: self.flags,
            state: self.state.into_owned(),
        }
    }

    const fn of(ids: &traceparent::Ids, state: TraceState<'a>) -> Self {
        Self {
            trace_id: ids.trace_id,
            span_id: ids.span_id,
            flags: ids.flags,
            state,
        }
    }

    /// With a list that was just written; one that is not valid is dropped.
    pub(crate) fn with_owned_state(self, state: &str) -> TraceContext<'static> {
        self.with_state(
            TraceState::parse(state)
                .map(TraceState::into_owned)
                .unwrap_or_default(),
        )
    }

    pub(crate) fn with_state<'b>(self, state: TraceState<'b>) -> TraceContext<'b> {
        TraceContext {
            trace_id: self.trace_id,
            span_id: self.span_id,
            flags: self.flags,
            state,
        }
    }
}
