//! Cognito user pools: what the client handed along as metadata reaches some of the triggers.

use super::{Event, Place, Reading, Trigger, envelope::Envelope, place::Step};
use crate::{attribute as a, carrier::EventHeaders};

pub(super) fn read<'a>(envelope: &Envelope<'a>, reading: &Reading<'_>) -> Event<'a> {
    let mut event = Event::new(Trigger::Cognito);
    event.detail(a::BATON_EVENT_TYPE, envelope.trigger_source);
    let metadata = envelope
        .request
        .and_then(|request| request.get("clientMetadata"));
    let place = Place::of(Step::ClientMetadata);
    reading.carrier(&EventHeaders::of(metadata), place, &mut event.contexts);
    reading.wrapped(metadata, place, &mut event.contexts);
    event
}
