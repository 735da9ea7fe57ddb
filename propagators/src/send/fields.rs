//! What a send hands on, written down once for all its messages.

use opentelemetry::{Context, baggage::BaggageExt, trace::TraceContextExt};

use crate::{
    context::{TRACEPARENT, TRACESTATE, TraceContext},
    environment,
    format::{Baggage, Extra, XRayHeader},
};

/// The third field of W3C.
const BAGGAGE: &str = "baggage";

/// The context of the span of a send.
#[derive(Debug)]
pub(super) struct Fields {
    traceparent: String,
    state: String,
    baggage: String,
    header: String,
    /// Without what other services added.
    short_header: String,
}

// ===== impl Fields =====

impl Fields {
    /// `None` when the span has no valid ids, as one that is suppressed.
    pub(super) fn of(cx: &Context) -> Option<Self> {
        let context = TraceContext::from_span_context(cx.span().span_context())?;
        let lineage = match cx.get::<Extra<'static>>() {
            Some(extra) if !extra.xray.is_empty() => extra.xray.to_string(),
            _ => environment::lineage(),
        };
        Some(Self::new(&context, &Baggage::from(cx.baggage()), &lineage))
    }

    pub(super) fn new(context: &TraceContext<'_>, baggage: &Baggage<'_>, lineage: &str) -> Self {
        Self {
            traceparent: context.traceparent().as_str().to_owned(),
            state: context.state().as_str().to_owned(),
            baggage: baggage.as_str().to_owned(),
            header: XRayHeader::from(context).with_rest(lineage).to_string(),
            short_header: XRayHeader::from(context).to_string(),
        }
    }

    /// The fields of W3C that say something, the one that matters first.
    pub(super) fn named(&self) -> Vec<(&'static str, &str)> {
        let all = [
            (TRACEPARENT, &*self.traceparent),
            (TRACESTATE, &*self.state),
            (BAGGAGE, &*self.baggage),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The first of these selections that there is room for: all fields, without the baggage, the ids alone.
    pub(super) fn first_that<T>(
        &self,
        mut fits: impl FnMut(&[(&'static str, &str)]) -> Option<T>,
    ) -> Option<T> {
        let named = self.named();
        (1..=named.len()).rev().find_map(|count| fits(named.get(..count)?))
    }

    /// The X-Ray header.
    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// The X-Ray header for a field that takes so many bytes. The ids alone always fit.
    pub(super) fn header_within(&self, max_bytes: usize) -> &str {
        if self.header.len() <= max_bytes { &self.header } else { &self.short_header }
    }
}
