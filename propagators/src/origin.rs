//! What the span of an event or a message continues, and what goes along with it to the handler and on.

use opentelemetry::{
    Context,
    baggage::{Baggage as OtelBaggage, BaggageExt},
    trace::{Link, TraceContextExt},
};

use crate::{
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

/// So is what formats say beside the ids: a wish about sampling, and the `Lineage` by which Lambda stops endless loops, if
/// whatever is sent meanwhile hands it on. What is there already is of the invocation, and newer than what a message brings.
pub(crate) fn with_extra(context: &Context, mut extra: Extra<'static>) -> Context {
    if let Some(outer) = context.get::<Extra<'static>>() {
        if !outer.xray.is_empty() {
            extra.xray.clone_from(&outer.xray);
        }
        if outer.sampling != Sampling::Flag {
            extra.sampling = outer.sampling;
        }
    }
    if extra == Extra::default() {
        context.clone()
    } else {
        context.with_value(extra)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        outer: (Sampling, &'static str),
        inner: (Sampling, &'static str),
        expected: Option<(Sampling, &'static str)>,
    ) {
        let extra = |(sampling, xray): (Sampling, &'static str)| Extra {
            sampling,
            xray: xray.into(),
        };
        let context = with_extra(&with_extra(&Context::new(), extra(outer)), extra(inner));
        assert_eq!(context.get(), expected.map(extra).as_ref());
    }

    #[test]
    fn what_stands_outside_wins() {
        let nothing = (Sampling::Flag, "");
        check(nothing, nothing, None);
        check(
            nothing,
            (Sampling::Debug, "a=1"),
            Some((Sampling::Debug, "a=1")),
        );
        check(
            (Sampling::Debug, "a=1"),
            nothing,
            Some((Sampling::Debug, "a=1")),
        );
        check(
            (Sampling::Flag, "a=1"),
            (Sampling::Only(false), "a=2"),
            Some((Sampling::Only(false), "a=1")),
        );
        check(
            (Sampling::Debug, ""),
            (Sampling::Deferred, "a=2"),
            Some((Sampling::Debug, "a=2")),
        );
    }
}
