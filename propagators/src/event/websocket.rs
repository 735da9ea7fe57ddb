//! WebSocket APIs: headers when a client connects, and only a body after that.

use super::{
    Event, Place, Reading, Trigger, authorizer,
    envelope::{Envelope, RequestContext},
    place::Step,
};
use crate::{attribute as a, carrier::EventHeaders, json::Raw};

pub(super) fn read<'a>(
    envelope: &Envelope<'a>,
    context: &RequestContext<'a>,
    reading: &mut Reading<'_>,
) -> Event<'a> {
    let mut event = Event::new(Trigger::WebSocket);
    // `$connect`, or what the API selects by.
    event.name = context.route_key.and_then(Raw::text).map(String::from);
    event.detail(a::BATON_EVENT_TYPE, context.event_type);
    let headers = EventHeaders::read(envelope.headers, envelope.multi_value_headers);
    reading.carrier(&headers, Place::of(Step::Headers), &mut event.contexts);
    authorizer::read(context, reading, &mut event.contexts);
    if let Some(body) = envelope.body {
        reading.text(body, Place::of(Step::Body), &mut event.contexts);
    }
    event
}
