//! AppSync: a resolver of one field, or of the same field of many objects at once; or a handler of a channel.

use opentelemetry::KeyValue;

use super::{Event, Place, Reading, Trigger, place::Step};
use crate::{
    attribute as a,
    carrier::EventHeaders,
    json::{Object, Raw, object},
};

object! {
    struct Resolve {
        info: "info",
        request: "request",
    }
}

/// All objects of a batch come from one request. Where they do not, the others are linked.
pub(super) fn read<'a>(items: impl Iterator<Item = Raw<'a>>, reading: &Reading<'_>) -> Event<'a> {
    let mut event = Event::new(Trigger::AppSync);
    for item in items.take(super::MAX_RECORDS) {
        let resolve = Resolve::read(Some(item));
        let headers = resolve.request.and_then(|request| request.get("headers"));
        let place = Place::of(Step::RequestHeaders);
        reading.carrier(&EventHeaders::of(headers), place, &mut event.contexts);
        if event.name.is_none() {
            describe(&mut event, resolve.info);
        }
    }
    event
}

/// Whether it is one of a batch.
pub(super) fn is_resolve(item: Raw<'_>) -> bool {
    let resolve = Resolve::read(Some(item));
    resolve
        .info
        .is_some_and(|info| info.get("fieldName").is_some())
        && resolve.request.is_some()
}

/// All of these names are of the schema or of the configuration, so there are few.
fn describe(event: &mut Event<'_>, info: Option<Raw<'_>>) {
    let text = |name| info.and_then(|info| info.get(name)).and_then(Raw::text);
    let namespace = info.and_then(|info| info.get("channelNamespace")?.get("name")?.text());
    if let (Some(operation), Some(namespace)) = (text("operation"), namespace) {
        event.name = Some(format!("{operation} {namespace}"));
    }
    let (Some(parent), Some(field)) = (text("parentTypeName"), text("fieldName")) else {
        return;
    };
    event.name = Some(format!("{parent}.{field}"));
    let operation = match parent.as_ref() {
        "Query" => "query",
        "Mutation" => "mutation",
        "Subscription" => "subscription",
        _ => return,
    };
    event
        .details
        .push(KeyValue::new(a::GRAPHQL_OPERATION_TYPE, operation));
}
