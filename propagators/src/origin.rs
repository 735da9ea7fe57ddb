//! What the span of an event or a message continues, and what goes along with it to the handler and on.

use std::borrow::Cow;

use opentelemetry::{
    Context,
    baggage::{Baggage as OtelBaggage, BaggageExt},
    trace::{Link, TraceContextExt},
};

use crate::{
    carrier::XRayHeader,
    event::{Event, Found},
    format::{Baggage, Extra, Sampling},
};

/// The parent and the links of the span; those of a batch stand on the span of each message.
pub(crate) fn origin(event: &Event<'_>) -> (Context, Vec<Link>) {
    let local = with_baggage(&Context::current(), event.baggage());
    let relation = event.relation();
    let parent = match relation.parent {
        Some(found) => local.with_remote_span_context((&found.context).into()),
        None => local,
    };
    let links = relation.links.into_iter().filter(|_| !event.is_batch());
    let link = |found: &Found| Link::with_context((&found.context).into());
    (parent, links.map(link).collect())
}

/// What the application handed along is there for the handler, and goes on with what it sends.
pub(crate) fn with_baggage(context: &Context, baggage: &Baggage<'_>) -> Context {
    if baggage.is_empty() {
        context.clone()
    } else {
        context.with_baggage(OtelBaggage::from(baggage))
    }
}

/// Lambda stops endless loops by the `Lineage` of an X-Ray header, if whatever is sent meanwhile hands it on.
pub(crate) fn with_lineage(context: &Context, trace_header: Option<&str>) -> Context {
    let header = trace_header.map(XRayHeader::parse);
    match header.as_ref().map(XRayHeader::rest) {
        None | Some("") => context.clone(),
        Some(rest) => context.with_value(Extra {
            sampling: Sampling::Flag,
            xray: Cow::Owned(rest.to_owned()),
        }),
    }
}
