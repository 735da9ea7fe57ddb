//! Step Functions: a task that is handed the context object.
//!
//! The ids are Datadog's, so that both see the same trace: <https://github.com/DataDog/datadog-lambda-js>, class
//! `StepFunctionContextService`.

use sha2::{Digest, Sha256};

use super::{Contexts, Event, Found, Place, Reading, Trigger, envelope::Envelope, place::Step};
use crate::{
    attribute as a,
    context::{SpanId, TraceContext, TraceFlags, TraceId, parse_hex},
    format::Format,
    json::{Object, Raw, object},
};

object! {
    struct Context {
        execution: "Execution",
        state: "State",
        state_machine: "StateMachine",
        root_execution: "RootExecutionId",
        datadog_trace: "x-datadog-trace-id",
        datadog_parent: "x-datadog-parent-id",
        datadog_tags: "x-datadog-tags",
    }
}

object! {
    struct Execution {
        id: "Id",
        input: "Input",
        redrive_count: "RedriveCount",
    }
}

object! {
    struct State {
        name: "Name",
        entered: "EnteredTime",
        retry_count: "RetryCount",
    }
}

/// Whether one of the known places holds the object.
pub(super) fn is_context(envelope: &Envelope<'_>) -> bool {
    find(envelope).is_some()
}

pub(super) fn read<'a>(
    event: Raw<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Event<'a> {
    let mut found = Event::new(Trigger::StepFunctions);
    let Some((context, place)) = find(envelope) else {
        return found;
    };
    let execution = Execution::read(context.execution);
    let state = State::read(context.state);
    // What the producer wrote wins over what can be computed.
    if context.datadog_trace.is_none() || context.datadog_parent.is_some() {
        reading.payload(Some(event), Place::default(), &mut found.contexts);
    }
    if let Some(payload) = envelope.payload.filter(|_| context.datadog_trace.is_none()) {
        reading.payload(
            Some(payload),
            Place::of(Step::TaskPayload),
            &mut found.contexts,
        );
    }
    if let Some(input) = execution.input {
        let place = place.then(Step::ExecutionInput);
        reading.nested(input, place, &mut found.contexts);
    }
    if found.contexts.is_empty()
        && let Some(context) = ids(&context, &execution, &state)
    {
        add(context, place, &mut found.contexts);
    }
    found.detail(a::BATON_EXECUTION, execution.id);
    found.detail(a::BATON_STATE, state.name);
    found
}

fn add(context: TraceContext<'static>, place: Place, into: &mut Contexts) {
    let place = place.then(Step::Execution);
    into.add(Found {
        context,
        format: Format::Datadog,
        place,
    });
}

/// Plain, under a key that people and Datadog choose, or in the payload that a `States.JsonMerge` made.
fn find<'a>(envelope: &Envelope<'a>) -> Option<(Context<'a>, Place)> {
    let plain = Context {
        execution: envelope.execution,
        state: envelope.state,
        state_machine: envelope.state_machine,
        ..Context::default()
    };
    let payload = envelope.payload;
    let below = |name: &str| payload.and_then(|payload| payload.get(name));
    let of = |raw: Option<Raw<'a>>| Context::read(raw.filter(|raw| raw.is_object()));
    let at = Place::of;
    let places = [
        (plain, Place::default()),
        (of(envelope.trace), at(Step::Trace)),
        (of(envelope.datadog), at(Step::Datadog)),
        (of(payload), at(Step::TaskPayload)),
        (of(below("_trace")), at(Step::TaskPayload).then(Step::Trace)),
        (
            of(below("_datadog")),
            at(Step::TaskPayload).then(Step::Datadog),
        ),
    ];
    let whole = |(context, _): &(Context<'_>, Place)| {
        context.execution.is_some() && context.state.is_some() && context.state_machine.is_some()
    };
    places.into_iter().find(whole)
}

/// The parent is the state that runs this task. Nobody decided about sampling, and a trace that is not recorded joins nothing.
fn ids(
    context: &Context<'_>,
    execution: &Execution<'_>,
    state: &State<'_>,
) -> Option<TraceContext<'static>> {
    let id = execution.id?.text()?;
    let (name, entered) = (state.name?.text()?, state.entered?.text()?);
    let count = |raw: Option<Raw<'_>>| raw.and_then(Raw::integer).unwrap_or_default();
    let (retries, redrives) = (count(state.retry_count), count(execution.redrive_count));
    let mut task = format!("{id}#{name}#{entered}");
    if retries != 0 || redrives != 0 {
        task.push_str(&format!("#{retries}#{redrives}"));
    }
    let root = context.root_execution.and_then(Raw::text).unwrap_or(id);
    let [high, low] = hash(&root);
    let [parent, _] = hash(&task);
    let computed = TraceId::new(join(high, low));
    let trace = lambda_root(context).or(computed)?;
    Some(TraceContext::new(
        trace,
        SpanId::new(parent)?,
        TraceFlags::SAMPLED,
    ))
}

/// A function started the execution with Datadog's own fields: the trace is theirs, the parent still the state.
fn lambda_root(context: &Context<'_>) -> Option<TraceId> {
    let low: u64 = context.datadog_trace?.text()?.parse().ok()?;
    let tags = context.datadog_tags.and_then(Raw::text).unwrap_or_default();
    let high = tags
        .split(',')
        .find_map(|tag| tag.trim().strip_prefix("_dd.p.tid="));
    let high = high
        .and_then(|high| parse_hex(high.as_bytes()))
        .unwrap_or_default();
    TraceId::new(join(high, low.to_be_bytes()))
}

/// The first two numbers of a hash, each without its highest bit, and never zero.
fn hash(text: &str) -> [[u8; 8]; 2] {
    let digest = Sha256::digest(text.as_bytes());
    let part = |from: usize| {
        let bytes = digest.get(from..).and_then(<[u8]>::first_chunk::<8>);
        let number = u64::from_be_bytes(bytes.copied().unwrap_or_default()) & (u64::MAX >> 1);
        number.max(1).to_be_bytes()
    };
    [part(0), part(8)]
}

fn join(high: [u8; 8], low: [u8; 8]) -> [u8; 16] {
    let (high, low) = (u64::from_be_bytes(high), u64::from_be_bytes(low));
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::hash;

    /// The vectors of `step-function-service.spec.ts` in `datadog-lambda-js`.
    #[test]
    fn as_datadog_computes_them() {
        let execution = "arn:aws:states:sa-east-1:601427271234:express:DatadogStateMachine:\
                         acaf1a67-336a-e854-1599-2a627eb2dd8a:c8baf081-31f1-464d-971f-70cb17d01111";
        let task = format!("{execution}#step-one#2022-12-08T21:08:19.224Z");
        for (text, first) in [
            ("some_testing_random_string", 4_364_271_812_988_819_936_u64),
            (task.as_str(), 4_340_734_536_022_949_921),
        ] {
            assert_eq!(u64::from_be_bytes(hash(text)[0]), first, "{text}");
        }
    }
}
