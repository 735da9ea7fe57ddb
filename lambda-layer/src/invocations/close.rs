//! An invocation has ended: its spans get what is known by now, and go into the buffer.

use baton_propagators::attribute as a;
use baton_propagators::event::{Answer, Trigger};
use opentelemetry::trace::SpanKind;

use super::open::{Ending, Open};
use super::outcome::Outcome;
use super::{Closed, Failure, Invocations, MAX_CLOSED, State};
use crate::names;
use crate::span::{Attribute, Span, now_ns, span_id};
use crate::telemetry::{Metrics, Record};

impl Invocations {
    /// The spans of one invocation, which is not open any more.
    pub(super) fn close(&self, state: &mut State, request_id: &str) -> Vec<Span> {
        let Some(mut open) = state.open.remove(request_id) else {
            return Vec::new();
        };
        let end_ns = end_ns(&open);
        if open.is_first
            && let Some(init_ms) = state.phases.init.duration_ms()
        {
            open.span.set(Attribute::new(names::INIT_MS, init_ms));
        }
        let outcome = Outcome::of(&open);
        tell(&mut open, outcome, state, end_ns);
        if let Some(report) = &open.report {
            metrics(&mut open.span, &report.metrics);
        } else {
            if state.closed.len() == MAX_CLOSED {
                state.closed.pop_front();
            }
            state.closed.push_back(Closed {
                request_id: request_id.to_owned(),
                context: open.context.clone(),
                end_ns,
            });
        }
        open.span.end(end_ns);
        let phases = self.phase_spans(state, &open.span);
        let mut spans = vec![open.span];
        spans.extend(open.messages.into_iter().map(|(_, span)| span));
        spans.extend(phases);
        spans
    }

    /// The report of an invocation whose span is made already: billing and memory come after the end, and nobody should wait
    /// for them to see a span.
    pub(super) fn late_report(state: &mut State, record: &Record) -> Option<Span> {
        let request_id = record.request_id.as_deref()?;
        let at = state
            .closed
            .iter()
            .position(|it| it.request_id == request_id)?;
        let closed = state.closed.remove(at)?;
        let (id, kind) = (span_id(), SpanKind::Internal);
        let name = "report".to_owned();
        let mut span = Span::inside(&closed.context, id, name, &kind, closed.end_ns);
        span.set(Attribute::new(a::FAAS_INVOCATION_ID, request_id.to_owned()));
        metrics(&mut span, &record.metrics);
        // It adds facts, no time: how long the invocation took, its own span tells.
        span.end(closed.end_ns);
        Some(span)
    }
}

/// The moment Lambda had the answer; without one, when the platform noticed the end.
fn end_ns(open: &Open) -> u64 {
    if let Some((at, _)) = &open.ending {
        return *at;
    }
    let records = [open.runtime_done.as_ref(), open.report.as_ref()];
    let told = records
        .into_iter()
        .flatten()
        .find_map(|record| record.time_ns);
    told.unwrap_or_else(now_ns)
}

/// Puts on the spans how it went.
fn tell(open: &mut Open, outcome: Outcome, state: &State, end_ns: u64) {
    open.span
        .set(Attribute::new(names::OUTCOME, outcome.as_str()));
    let failure = match (&open.ending, outcome) {
        (Some((_, Ending::Failure(failure))), Outcome::Error) => Some(failure.clone()),
        (_, Outcome::Ok) => None,
        _ => Some(told_by_lambda(open, outcome, state)),
    };
    if let Some(failure) = failure {
        failure.record(&mut open.span, end_ns);
        settle(open, end_ns, &|_| Some(failure.clone()));
        return;
    }
    let answer = match &open.ending {
        Some((_, Ending::Answer { bytes, is_stream })) => answer(open.trigger, bytes, *is_stream),
        _ => Answer::default(),
    };
    if let Some(status) = answer.status {
        let status = i64::from(status);
        open.span
            .set(Attribute::new(a::HTTP_RESPONSE_STATUS_CODE, status));
        if status >= 500 {
            open.span.fail("");
            open.span
                .set(Attribute::new(a::ERROR_TYPE, status.to_string()));
        }
    }
    let listed = listed(open.trigger);
    let ids: Vec<&str> = match &open.single {
        Some(id) => vec![id],
        None => open.messages.iter().map(|(id, _)| id.as_str()).collect(),
    };
    let failed = answer.failed(&ids);
    settle(open, end_ns, &|at| {
        failed.get(at).filter(|it| **it).map(|_| listed.clone())
    });
}

/// Gives every message its outcome; that of a single one stands on the invocation's span.
fn settle(open: &mut Open, end_ns: u64, failure: &dyn Fn(usize) -> Option<Failure>) {
    let is_single = open.single.is_some();
    let invocation = is_single.then_some(&mut open.span);
    let batch = open.messages.iter_mut().map(|(_, span)| span);
    for (at, span) in invocation.into_iter().chain(batch).enumerate() {
        let failure = failure(at);
        let word = if failure.is_some() { "failed" } else { "ok" };
        span.set(Attribute::new(a::BATON_OUTCOME, word));
        if let Some(failure) = failure.filter(|_| !span.has_failed()) {
            failure.mark(span);
        }
        span.end(end_ns);
    }
}

/// What the platform says of an invocation that gave no answer, with the last that is known of it.
fn told_by_lambda(open: &Open, outcome: Outcome, state: &State) -> Failure {
    let records = [open.runtime_done.as_ref(), open.report.as_ref()];
    let mut records = records.into_iter().flatten();
    let kind = records.find_map(|record| record.error_type.clone());
    if let Some(failure) = state
        .phases
        .init
        .why("init")
        .filter(|_| open.ending.is_none())
    {
        return failure;
    }
    let posted = match open.ending {
        Some(_) => "after it had answered",
        None => "before it answered",
    };
    let (kind, message) = match outcome {
        Outcome::Timeout => {
            let start_ms = open.span.start_ns / 1_000_000;
            let limit = open.deadline_ms.map(|at| at.saturating_sub(start_ms));
            // The event is here a moment after the clock was started.
            let limit = limit.map_or(String::new(), |ms| format!(" of {} s", ms.div_ceil(1000)));
            let kind = kind.unwrap_or_else(|| "timeout".to_owned());
            (
                kind,
                format!("the function ran into its time-out{limit} {posted}"),
            )
        }
        Outcome::OutOfMemory => (
            "Runtime.OutOfMemory".to_owned(),
            format!("the function was killed for its memory {posted}"),
        ),
        Outcome::Crash => (
            kind.unwrap_or_else(|| "Runtime.ExitError".to_owned()),
            format!("the function's process ended {posted}"),
        ),
        Outcome::Ok | Outcome::Error => (
            kind.unwrap_or_default(),
            "Lambda reports an error".to_owned(),
        ),
    };
    Failure::new(kind, message)
}

fn listed(trigger: Trigger) -> Failure {
    let text = match trigger {
        Trigger::Firehose => "the response lists it as `ProcessingFailed`",
        _ => "the response lists it in `batchItemFailures`",
    };
    Failure::new("", text)
}

/// A streamed HTTP response begins with JSON and eight NUL bytes:
/// <https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html>.
fn answer(trigger: Trigger, bytes: &[u8], is_stream: bool) -> Answer {
    let end = bytes.windows(8).position(|window| window == [0; 8]);
    let prelude = end.and_then(|end| bytes.get(..end)).filter(|_| is_stream);
    Answer::read(trigger, prelude.unwrap_or(bytes))
}

fn metrics(span: &mut Span, metrics: &Metrics) {
    let texts = [
        (names::BILLED_MS, metrics.billed_duration_ms),
        (names::INIT_MS, metrics.init_duration_ms),
        (names::RESTORE_MS, metrics.restore_duration_ms),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            span.set(Attribute::new(key, value));
        }
    }
    let counts = [
        (names::MEMORY_MB, metrics.memory_mb),
        (names::MAX_MEMORY_MB, metrics.max_memory_used_mb),
    ];
    for (key, value) in counts {
        if let Some(value) = value {
            span.set(Attribute::new(key, value));
        }
    }
}
