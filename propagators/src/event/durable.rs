//! Durable functions: the input of the first run stands in every later one.

use opentelemetry::KeyValue;

use super::{Event, Place, Reading, Trigger, envelope::Envelope, place::Step};
use crate::{
    attribute as a,
    json::{Object, Raw, object},
};

/// The prefix of the steps in which Datadog's library keeps the context of a run.
const CHECKPOINT: &str = "_datadog_";

object! {
    struct Operation {
        kind: "Type",
        name: "Name",
        execution: "ExecutionDetails",
        step: "StepDetails",
    }
}

/// The caller's context from the input, then the last one that a run saved.
pub(super) fn read<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Event<'a> {
    let mut event = Event::new(Trigger::DurableFunction);
    if let Some(arn) = envelope.durable.and_then(Raw::text) {
        let arn = KeyValue::new(a::BATON_EXECUTION, arn.into_owned());
        event.details.push(arn);
    }
    let operations = envelope
        .execution_state
        .and_then(|state| state.get("Operations"));
    let mut saved: Option<(u64, Raw<'_>)> = None;
    for item in operations.into_iter().flat_map(Raw::items) {
        let operation = Operation::read(Some(item));
        if operation.kind.is_some_and(|kind| kind.is("EXECUTION")) {
            let input = operation
                .execution
                .and_then(|details| details.get("InputPayload"));
            if let Some(input) = input {
                reading.text(input, Place::of(Step::InputPayload), &mut event.contexts);
            }
        } else if let Some((number, result)) = checkpoint(&operation)
            && saved.is_none_or(|(last, _)| last <= number)
        {
            saved = Some((number, result));
        }
    }
    if let Some((_, result)) = saved {
        let into = &mut event.contexts;
        reading.fields(result, Step::Checkpoint, Place::default(), into);
    }
    event
}

fn checkpoint<'a>(operation: &Operation<'a>) -> Option<(u64, Raw<'a>)> {
    let name = operation.name?.text()?;
    let number = name.strip_prefix(CHECKPOINT)?.parse().ok()?;
    Some((number, operation.step?.get("Result")?))
}
