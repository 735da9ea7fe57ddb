//! Datadog's headers. What they hold beside the ids becomes the `dd` entry of the `tracestate`, as Datadog's own libraries
//! have it, and comes back out of it: `x-datadog-tags: _dd.p.dm=-4` is `dd=t.dm:-4`.
//!
//! Ours, because `opentelemetry-datadog` 0.20 (deprecated) drops `x-datadog-tags`, and with `_dd.p.tid` the upper half of the
//! trace id; its successor `datadog-opentelemetry` 0.6 has no propagator without Datadog's whole exporter.

use super::{
    Extra, Outgoing, Sampling,
    ids::{flags, halves, one},
    read::Found,
};
use crate::{
    carrier::{Carrier, CarrierMut},
    context::{SpanId, TraceContext, TraceId, TraceState, parse_hex},
};

pub(super) const TRACE_ID: &str = "x-datadog-trace-id";
pub(super) const PARENT_ID: &str = "x-datadog-parent-id";
pub(super) const PRIORITY: &str = "x-datadog-sampling-priority";
pub(super) const ORIGIN: &str = "x-datadog-origin";
pub(super) const TAGS: &str = "x-datadog-tags";

/// Tags with this prefix travel; the others are of one process.
const TAG_PREFIX: &str = "_dd.p.";
const UPPER_HALF: &str = "tid";
/// Longer tags are refused by Datadog's libraries, and so they are here.
const MAX_TAGS_BYTES: usize = 512;
/// The entry in the `tracestate`, and the most that one may hold.
const MEMBER: &str = "dd";
const MAX_MEMBER_BYTES: usize = 256;

pub(super) fn read<C: Carrier>(carrier: &C) -> Found<'_> {
    let trace = one(carrier, &[TRACE_ID]);
    let parent = one(carrier, &[PARENT_ID]);
    if trace.is_none() && parent.is_none() {
        return Found::Nothing;
    }
    let ids = trace.and_then(decimal).zip(parent.and_then(decimal));
    let Some((low, parent)) = ids else {
        return Found::Invalid;
    };
    let tags = one(carrier, &[TAGS]).filter(|tags| tags.len() <= MAX_TAGS_BYTES);
    let tags = tags.unwrap_or_default();
    let (Some(trace), Some(span)) = (trace_id(low, tags), SpanId::new(parent.to_be_bytes())) else {
        return Found::Invalid;
    };
    let priority = one(carrier, &[PRIORITY]).and_then(|text| text.parse::<i8>().ok());
    let sampled = priority.is_some_and(|priority| priority > 0);
    let sampling = priority.map_or(Sampling::Deferred, |_| Sampling::Flag);
    let state = state(priority, one(carrier, &[ORIGIN]), tags);
    let context = TraceContext::new(trace, span, flags(sampled)).with_owned_state(&state);
    Found::Context(context, Extra::new(sampling))
}

/// Digits and nothing else; Rust would take a sign too.
fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// An upper half that is not valid is left out: the lower one still finds the trace.
fn trace_id(low: u64, tags: &str) -> Option<TraceId> {
    let high = pairs(tags).find_map(|(name, value)| (name == UPPER_HALF).then_some(value));
    let high: [u8; 8] = high
        .and_then(|digits| parse_hex(digits.as_bytes()))
        .unwrap_or_default();
    let mut id = [0; 16];
    id.iter_mut()
        .zip(high.into_iter().chain(low.to_be_bytes()))
        .for_each(|(to, from)| *to = from);
    // An id of zero with an upper half is none either.
    TraceId::new(id).filter(|_| low != 0)
}

/// The tags that travel, without their prefix.
fn pairs(tags: &str) -> impl Iterator<Item = (&str, &str)> {
    tags.split(',').filter_map(|tag| {
        let (name, value) = tag.trim().split_once('=')?;
        Some((name.strip_prefix(TAG_PREFIX)?, value))
    })
}

fn state(priority: Option<i8>, origin: Option<&str>, tags: &str) -> String {
    let mut member = Pieces(String::new());
    if let Some(priority) = priority {
        member.push("s", &priority.to_string());
    }
    if let Some(origin) = origin.filter(|origin| !origin.is_empty()) {
        member.push("o", origin);
    }
    for (name, value) in pairs(tags).filter(|(name, _)| *name != UPPER_HALF) {
        member.push(&format!("t.{name}"), value);
    }
    match member.0.as_str() {
        "" => String::new(),
        pieces => format!("{MEMBER}={pieces}"),
    }
}

/// `key:value` with `;` between them.
struct Pieces(String);

impl Pieces {
    /// Whole pieces only; what the entry may not hold becomes `_`, and `=` becomes `~`.
    fn push(&mut self, key: &str, value: &str) {
        let from = self.0.len();
        let clean = |text: char, in_key: bool| match text {
            '=' if !in_key => '~',
            ',' | ';' | '=' | '~' => '_',
            ' ' | ':' if in_key => '_',
            ' '..='~' => text,
            _ => '_',
        };
        if from > 0 {
            self.0.push(';');
        }
        self.0.extend(key.chars().map(|text| clean(text, true)));
        self.0.push(':');
        self.0.extend(value.chars().map(|text| clean(text, false)));
        if self.0.len() > MAX_MEMBER_BYTES || self.0.ends_with(' ') {
            self.0.truncate(from);
        }
    }
}

pub(super) fn write<C: CarrierMut + ?Sized>(outgoing: &Outgoing<'_>, carrier: &mut C) {
    let Some(context) = outgoing.context else {
        return;
    };
    let (high, low) = halves(context.trace_id());
    // 0 means "none" to Datadog.
    if low == 0 {
        return;
    }
    carrier.set(TRACE_ID, &low.to_string());
    let span = u64::from_be_bytes(context.span_id().to_bytes());
    carrier.set(PARENT_ID, &span.to_string());

    let member = context.state().get(MEMBER).unwrap_or_default();
    let said = piece(member, "s").and_then(|text| text.parse::<i8>().ok());
    let sampled = context.flags().is_sampled();
    // The flag was decided last: a priority that says otherwise is old, and so is who made it.
    let priority = said.filter(|said| (*said > 0) == sampled);
    if priority.is_some() || outgoing.sampling != Sampling::Deferred || sampled {
        let priority = priority.unwrap_or(i8::from(sampled));
        carrier.set(PRIORITY, &priority.to_string());
    }
    if let Some(origin) = piece(member, "o") {
        carrier.set(ORIGIN, &origin.replace('~', "="));
    }
    let tags = tags(high, member, said.is_some() && priority.is_none());
    if !tags.is_empty() {
        carrier.set(TAGS, &tags);
    }
}

fn piece<'m>(member: &'m str, key: &str) -> Option<&'m str> {
    pieces(member).find_map(|(found, value)| (found == key).then_some(value))
}

fn pieces(member: &str) -> impl Iterator<Item = (&str, &str)> {
    member
        .split(';')
        .filter_map(|piece| piece.trim().split_once(':'))
}

/// The upper half first: without it the trace falls apart. Then whole tags, as long as they fit.
fn tags(high: u64, member: &str, without_maker: bool) -> String {
    let mut tags = String::new();
    if high != 0 {
        tags = format!("{TAG_PREFIX}{UPPER_HALF}={high:016x}");
    }
    for (key, value) in pieces(member) {
        let Some(name) = key.strip_prefix("t.").filter(|name| *name != UPPER_HALF) else {
            continue;
        };
        if name == "dm" && without_maker {
            continue;
        }
        let comma = if tags.is_empty() { "" } else { "," };
        let tag = format!("{comma}{TAG_PREFIX}{name}={}", value.replace('~', "="));
        if tags.len() + tag.len() <= MAX_TAGS_BYTES {
            tags.push_str(&tag);
        }
    }
    tags
}

/// Whether a `tracestate` holds nothing but what these headers say.
pub(super) fn is_all(state: &TraceState<'_>) -> bool {
    state.members().all(|(key, _)| key == MEMBER)
}
