//! The formats as OpenTelemetry's propagator.

use opentelemetry::{
    Context,
    baggage::{Baggage as OtelBaggage, BaggageExt},
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
    trace::{SpanContext, TraceContextExt},
};

use super::{Baggage, Extra, Format, Formats, Outgoing, Sampling, field_names};
use crate::{
    carrier::{OtelExtractor, OtelInjector},
    context::TraceContext,
};

/// A `TextMapPropagator` of one or several formats.
///
/// ```
/// use baton_propagators::format::{Formats, Propagator};
/// use opentelemetry::{propagation::TextMapPropagator, trace::TraceContextExt};
/// use std::collections::HashMap;
///
/// let propagator = Propagator::new(Formats::parse("b3,jaeger").0);
/// let received = HashMap::from([("b3".to_owned(), "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d".to_owned())]);
/// let context = propagator.extract(&received);
/// assert!(context.span().span_context().is_sampled());
///
/// let mut sent = HashMap::new();
/// propagator.inject_context(&context, &mut sent);
/// assert_eq!(sent["uber-trace-id"], "80f198ee56343ba864fe8b2a57d3eff7:e457b5a2e4d86bd1:0:3");
/// ```
#[derive(Clone, Debug)]
pub struct Propagator {
    formats: Formats,
    fields: Vec<String>,
}

// ===== impl Propagator =====

impl Propagator {
    /// Reads and writes these formats.
    ///
    /// ```
    /// use baton_propagators::format::{Formats, Propagator};
    /// use opentelemetry::propagation::TextMapPropagator;
    ///
    /// assert_eq!(Propagator::new(Formats::parse("b3").0).fields().collect::<Vec<_>>(), ["b3"]);
    /// ```
    #[must_use]
    pub fn new(formats: Formats) -> Self {
        let fields = formats.iter().flat_map(field_names);
        let mut fields: Vec<String> = fields.map(|name| (*name).to_owned()).collect();
        fields.dedup();
        Self { formats, fields }
    }
}

impl Default for Propagator {
    fn default() -> Self {
        Self::new(Formats::default())
    }
}

impl From<Format> for Propagator {
    fn from(format: Format) -> Self {
        Self::new(Formats::none().with(format))
    }
}

impl TextMapPropagator for Propagator {
    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let carrier = OtelExtractor(extractor);
        let found = self.formats.extract(&carrier);
        let mut cx = cx.clone();
        if let Some(context) = &found.context {
            cx = cx.with_remote_span_context(SpanContext::from(context));
        }
        if !found.baggage.is_empty() {
            cx = cx.with_baggage(OtelBaggage::from(&found.baggage));
        }
        if found.extra != Extra::default() {
            cx = cx.with_value(found.extra.into_owned());
        }
        cx
    }

    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let span = cx.span();
        let span = span.span_context();
        let context = TraceContext::from_span_context(span);
        let baggage = Baggage::from(cx.baggage());
        let mut outgoing = Outgoing {
            context: context.as_ref(),
            baggage: Some(&baggage),
            ..Outgoing::default()
        };
        if let Some(extra) = cx.get::<Extra<'static>>() {
            // A span of this process has decided.
            let undecided = extra.sampling == Sampling::Deferred && !span.is_remote();
            let sampling = if undecided {
                Sampling::Flag
            } else {
                extra.sampling
            };
            outgoing = Outgoing {
                sampling,
                xray: &extra.xray,
                ..outgoing
            };
        }
        self.formats.inject(&outgoing, &mut OtelInjector(injector));
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

/// To OpenTelemetry's map, which knows no order.
impl From<&Baggage<'_>> for OtelBaggage {
    fn from(baggage: &Baggage<'_>) -> Self {
        let mut map = Self::new();
        for member in baggage.members() {
            let value = member.value().into_owned();
            map.insert_with_metadata(member.key().to_owned(), value, member.metadata());
        }
        map
    }
}

/// From OpenTelemetry's map, sorted by key: the same baggage is the same text.
impl From<&OtelBaggage> for Baggage<'static> {
    fn from(map: &OtelBaggage) -> Self {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by_key(|(key, _)| key.as_str());
        let mut baggage = Baggage::EMPTY;
        for (key, (value, metadata)) in entries {
            baggage.insert_with_properties(key.as_str(), value.as_str(), metadata.as_str());
        }
        baggage
    }
}
