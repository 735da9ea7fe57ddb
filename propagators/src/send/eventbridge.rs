//! EventBridge: `TraceHeader` of every entry, and `detail._trace` on request, since rules deliver no header.

use aws_sdk_eventbridge::{
    operation::put_events::{PutEventsError, PutEventsInput, PutEventsOutput},
    types::PutEventsRequestEntry,
};

use super::{
    limits::Room,
    operation::{Injection, Operation, Options, Placed},
    payload::{add_trace, takes_trace},
    subject::{Answer, Subject, short_name},
};
use crate::attribute as a;

pub(super) struct PutEvents;

/// One entry and all together have to be "less than": 256 KB, and 1 MB since 2025, whichever KB that is.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
const LIMITS_BYTES: &[usize] = &[255_999, 262_143, 999_999, 1_048_575];
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>
const MAX_TRACE_HEADER_BYTES: usize = 500;

impl Operation for PutEvents {
    type Input = PutEventsInput;
    type Output = PutEventsOutput;
    type Error = PutEventsError;

    const HEADER: bool = true;

    fn subject(input: &PutEventsInput, _: Options) -> Subject {
        let entries = input.entries();
        let bus = |entry: &PutEventsRequestEntry| {
            entry
                .event_bus_name()
                .map_or("default", short_name)
                .to_owned()
        };
        let first = entries.first().map_or("default".to_owned(), bus);
        let is_one = entries.iter().all(|entry| bus(entry) == first);
        let destination = if is_one { &first } else { "multiple_buses" };
        let is_parent = entries.iter().any(|entry| !has_parent(entry));
        Subject::message(a::AWS_EVENTBRIDGE, destination, is_parent).with_batch(entries.len())
    }

    fn inject(input: &mut PutEventsInput, injection: &mut Injection<'_>) {
        let entries = input.entries.as_deref_mut().unwrap_or_default();
        let mut request = Room::new(entries.iter().map(bytes).sum(), LIMITS_BYTES);
        for entry in entries {
            inject(entry, &mut request, injection);
        }
    }

    fn answer(output: &PutEventsOutput) -> Answer {
        let entries = output.entries();
        let refused = entries
            .iter()
            .filter_map(|entry| Some((entry.error_code()?, entry.error_message())));
        let id = match entries {
            [entry] => entry.event_id(),
            _ => None,
        };
        Answer::batch(entries.len(), refused).with(a::MESSAGING_MESSAGE_ID, id)
    }
}

/// The header is outside of the size of an event, and there for what does not fit: nothing is left out.
fn inject(entry: &mut PutEventsRequestEntry, request: &mut Room, injection: &mut Injection<'_>) {
    if has_parent(entry) {
        return injection.count(Placed::Kept);
    }
    let mut event = Room::new(bytes(entry), LIMITS_BYTES);
    entry.trace_header = Some(
        injection
            .fields
            .header_within(MAX_TRACE_HEADER_BYTES)
            .to_owned(),
    );
    let Some(detail) = entry.detail.as_mut().filter(|_| injection.options.payloads) else {
        return;
    };
    let before = std::mem::take(detail);
    let mut after = None;
    add_trace(
        &before,
        injection.fields,
        &mut [&mut event, request],
        |bytes| {
            after = String::from_utf8(bytes).ok();
        },
    );
    *detail = after.unwrap_or(before);
}

fn has_parent(entry: &PutEventsRequestEntry) -> bool {
    let in_detail = |detail: &str| detail.contains("\"_trace\"") && !takes_trace(detail.as_bytes());
    entry.trace_header.is_some() || entry.detail().is_some_and(in_detail)
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
fn bytes(entry: &PutEventsRequestEntry) -> usize {
    let texts = [entry.source(), entry.detail_type(), entry.detail()];
    let texts: usize = texts.into_iter().flatten().map(str::len).sum();
    let resources: usize = entry.resources().iter().map(String::len).sum();
    let time = if entry.time().is_some() { 14 } else { 0 };
    texts + resources + time
}
