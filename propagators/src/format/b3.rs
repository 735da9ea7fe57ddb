//! B3, in one header and in several.
//!
//! Ours, because `opentelemetry-zipkin` 0.33 writes "deferred" and "debug" into flag bits: a context with W3C's random flag
//! (`00-…-03`) is then sent without a decision.

use super::{
    Extra, Outgoing, Sampling,
    ids::{flags, one, span_id, trace_id},
    read::Found,
};
use crate::{
    carrier::{Carrier, CarrierMut},
    context::{SpanId, TraceContext, TraceId},
};

pub(super) const SINGLE: &str = "b3";
pub(super) const TRACE_ID: [&str; 2] = ["x-b3-traceid", "X-B3-TraceId"];
pub(super) const SPAN_ID: [&str; 2] = ["x-b3-spanid", "X-B3-SpanId"];
pub(super) const SAMPLED: [&str; 2] = ["x-b3-sampled", "X-B3-Sampled"];
pub(super) const FLAGS: [&str; 2] = ["x-b3-flags", "X-B3-Flags"];

/// The single header wins, and a broken one does not hide the others.
pub(super) fn read<C: Carrier>(carrier: &C) -> Found<'_> {
    let single = one(carrier, &[SINGLE, "B3"]).map(single);
    match (single, several(carrier)) {
        (Some(Found::Invalid), Found::Nothing) => Found::Invalid,
        (Some(Found::Invalid) | None, several) => several,
        (Some(single), _) => single,
    }
}

/// `{trace}-{span}[-{0|1|d}[-{parent}]]`, or the decision alone.
fn single(value: &str) -> Found<'_> {
    let mut parts = value.split('-');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let Some(second) = second else {
        return match decision(first) {
            Some(sampling) => Found::Only(alone(sampling)),
            None => Found::Invalid,
        };
    };
    let decided = parts.next();
    let sampling = decided.map_or(Some((false, Sampling::Deferred)), decision);
    let parent = parts.next();
    let whole = parts.next().is_none() && parent.is_none_or(|parent| strict_span(parent).is_some());
    match (strict_trace(first), strict_span(second), sampling) {
        (Some(trace), Some(span), Some(sampling)) if whole => found(trace, span, sampling),
        _ => Found::Invalid,
    }
}

fn several<C: Carrier>(carrier: &C) -> Found<'_> {
    let trace = one(carrier, &TRACE_ID);
    let span = one(carrier, &SPAN_ID);
    let sampled = one(carrier, &SAMPLED);
    let debug = one(carrier, &FLAGS) == Some("1");
    let sampling = match sampled {
        _ if debug => Some((true, Sampling::Debug)),
        None => Some((false, Sampling::Deferred)),
        // Old tracers write words. <https://github.com/openzipkin/b3-propagation#sampling-state-1>
        Some(yes) if yes == "1" || yes.eq_ignore_ascii_case("true") => Some((true, Sampling::Flag)),
        Some(no) if no == "0" || no.eq_ignore_ascii_case("false") => Some((false, Sampling::Flag)),
        Some(_) => None,
    };
    match (trace, span, sampling) {
        (None, None, Some((_, Sampling::Deferred))) => Found::Nothing,
        (None, None, Some(sampling)) => Found::Only(alone(sampling)),
        (Some(trace), Some(span), Some(sampling)) => {
            match (strict_trace(trace), strict_span(span)) {
                (Some(trace), Some(span)) => found(trace, span, sampling),
                _ => Found::Invalid,
            }
        }
        _ => Found::Invalid,
    }
}

fn decision(letter: &str) -> Option<(bool, Sampling)> {
    match letter {
        "1" => Some((true, Sampling::Flag)),
        "0" => Some((false, Sampling::Flag)),
        "d" => Some((true, Sampling::Debug)),
        _ => None,
    }
}

fn found<'a>(trace: TraceId, span: SpanId, (sampled, sampling): (bool, Sampling)) -> Found<'a> {
    let context = TraceContext::new(trace, span, flags(sampled));
    Found::Context(context, Extra::new(sampling))
}

fn alone<'a>((sampled, sampling): (bool, Sampling)) -> Extra<'a> {
    Extra::new(match sampling {
        Sampling::Debug => Sampling::Debug,
        _ => Sampling::Only(sampled),
    })
}

/// 16 or 32 digits in lower case.
fn strict_trace(digits: &str) -> Option<TraceId> {
    let strict = is_lower(digits) && matches!(digits.len(), 16 | 32);
    trace_id(digits).filter(|_| strict)
}

/// 16 digits in lower case.
fn strict_span(digits: &str) -> Option<SpanId> {
    let strict = is_lower(digits) && digits.len() == 16;
    span_id(digits).filter(|_| strict)
}

fn is_lower(digits: &str) -> bool {
    !digits.bytes().any(|byte| byte.is_ascii_uppercase())
}

pub(super) fn write_single<C: CarrierMut + ?Sized>(outgoing: &Outgoing<'_>, carrier: &mut C) {
    let decision = letter(outgoing);
    let value = match (outgoing.context, decision) {
        (Some(context), Some(letter)) => {
            format!("{}-{}-{letter}", context.trace_id(), context.span_id())
        }
        (Some(context), None) => format!("{}-{}", context.trace_id(), context.span_id()),
        (None, Some(letter)) => letter.to_owned(),
        (None, None) => return,
    };
    carrier.set(SINGLE, &value);
}

pub(super) fn write_several<C: CarrierMut + ?Sized>(outgoing: &Outgoing<'_>, carrier: &mut C) {
    let [trace, span, sampled, flags] = [TRACE_ID, SPAN_ID, SAMPLED, FLAGS].map(|[name, _]| name);
    if let Some(context) = outgoing.context {
        carrier.set(trace, &context.trace_id().to_string());
        carrier.set(span, &context.span_id().to_string());
    }
    match letter(outgoing) {
        // Debug says it all; both would contradict where a reader knows only one of them.
        Some("d") => carrier.set(flags, "1"),
        Some(letter) => carrier.set(sampled, letter),
        None => {}
    }
}

fn letter(outgoing: &Outgoing<'_>) -> Option<&'static str> {
    let yes_or_no = |yes| Some(if yes { "1" } else { "0" });
    match (outgoing.sampling, outgoing.context) {
        (Sampling::Debug, _) => Some("d"),
        (Sampling::Only(sampled), None) => yes_or_no(sampled),
        (Sampling::Deferred, Some(context)) if !context.flags().is_sampled() => None,
        (_, Some(context)) => yes_or_no(context.flags().is_sampled()),
        (_, None) => None,
    }
}
