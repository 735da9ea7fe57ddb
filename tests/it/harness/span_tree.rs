//! Spans as a tree that a snapshot can hold: without times, and without ids but those that the test chose.

use std::fmt::Write as _;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::collector::{Received, show};

/// Attributes that differ from run to run.
const VOLATILE: [&str; 8] = [
    "baton.billed_ms",
    "baton.init_ms",
    "baton.max_memory_mb",
    "baton.restore_ms",
    "cloud.resource_id",
    "faas.invocation_id",
    "http.response.body.size",
    "messaging.message.id",
];

/// How much of a span is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Everything,
    /// Name, service, scope, kind and status.
    Names,
}

/// What all spans of a tree have in common.
struct Forest<'a> {
    all: Vec<&'a Received>,
    known: &'a str,
    shown: Shown,
}

/// All spans with everything, roots first. An id is shown where `known` has it.
pub(crate) fn render(received: &[Received], known: &str) -> String {
    tree(received, known, Shown::Everything)
}

/// All spans, roots first.
pub(crate) fn tree(received: &[Received], known: &str, shown: Shown) -> String {
    let mut all: Vec<&Received> = received.iter().collect();
    all.sort_by_key(|received| received.span.start_time_unix_nano);
    let forest = Forest { all, known, shown };
    let is_root = |span: &Span| {
        let mut others = forest.all.iter();
        !others.any(|other| other.span.span_id == span.parent_span_id)
    };
    let mut out = String::new();
    for root in forest.all.iter().filter(|received| is_root(&received.span)) {
        write_span(&mut out, root, &forest, 0);
    }
    out
}

fn write_span(out: &mut String, of: &Received, forest: &Forest<'_>, depth: usize) {
    let known = forest.known;
    let (span, indent) = (&of.span, "  ".repeat(depth));
    let kind = SpanKind::try_from(span.kind).unwrap_or_default();
    let kind = kind.as_str_name().trim_start_matches("SPAN_KIND_");
    let status = span.status.as_ref().map_or("", |status| match status.code {
        1 => " OK",
        2 => " ERROR",
        _ => "",
    });
    let message = span.status.as_ref().map(|it| it.message.as_str());
    let message = message.filter(|it| !it.is_empty());
    let message = message.map(|it| format!(" {:?}", masked(it, EVERYTHING)));
    let whose = if depth == 0 {
        format!(", {}", origin(span, known))
    } else {
        String::new()
    };
    let _ = writeln!(
        out,
        "{indent}{} [{} {} {kind}{status}{}{whose}]",
        span.name,
        of.service,
        of.scope,
        message.unwrap_or_default()
    );
    if forest.shown == Shown::Everything {
        write_details(out, span, known, &indent);
    }
    let is_child =
        |other: &&&Received| !span.span_id.is_empty() && other.span.parent_span_id == span.span_id;
    // What other functions did comes last: it may begin before this one has come to rest.
    let (own, others): (Vec<_>, Vec<_>) = forest
        .all
        .iter()
        .filter(is_child)
        .partition(|child| child.service == of.service);
    for child in own.into_iter().chain(others) {
        write_span(out, child, forest, depth + 1);
    }
}

fn write_details(out: &mut String, span: &Span, known: &str, indent: &str) {
    for attribute in sorted_attributes(span) {
        let _ = writeln!(out, "{indent}    {attribute}");
    }
    for link in &span.links {
        let _ = writeln!(out, "{indent}    link {}", id(&link.span_id, known));
    }
    for event in &span.events {
        let _ = writeln!(out, "{indent}    event {}", event.name);
    }
}

/// Whom a root continues.
fn origin(span: &Span, known: &str) -> String {
    if span.parent_span_id.is_empty() {
        return "new trace".to_owned();
    }
    format!("below {}", id(&span.parent_span_id, known))
}

fn id(bytes: &[u8], known: &str) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if known.contains(&hex) {
        hex
    } else {
        "…".to_owned()
    }
}

fn sorted_attributes(span: &Span) -> Vec<String> {
    let mut shown: Vec<String> = span
        .attributes
        .iter()
        .map(|attribute| {
            let key = attribute.key.as_str();
            let value = show(attribute.value.as_ref());
            // A fixture's message ids are the test's own.
            let volatile = VOLATILE.contains(&key) && !value.starts_with("fixture");
            let value = if volatile {
                "…".to_owned()
            } else {
                masked(&value, EVERYTHING)
            };
            format!("{key} = {value}")
        })
        .collect();
    shown.sort();
    shown
}

/// A text without what has one of these shapes.
pub(crate) fn masked(text: &str, shapes: &[&str]) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(first) = rest.chars().next() {
        let found = shapes.iter().find(|shape| fits(rest, shape));
        let length = match found {
            Some(shape) => {
                out.push('…');
                shape.len()
            }
            None => {
                out.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

// In a shape `x` is a hexadecimal digit; everything else is itself.
const TRACEPARENT: &str = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
/// What the layer replaces in an event.
pub(crate) const TRACEPARENTS: &[&str] = &[TRACEPARENT];
/// What differs from run to run: request ids and times too.
pub(crate) const EVERYTHING: &[&str] = &[
    TRACEPARENT,
    "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    "xxxx-xx-xxTxx:xx:xx.xxxZ",
    // The time-out, as far as the event found it: on a busy machine a second may be gone.
    "of x s",
];

fn fits(text: &str, shape: &str) -> bool {
    let text = text.as_bytes();
    text.len() >= shape.len()
        && shape.bytes().zip(text).all(|(wanted, found)| match wanted {
            b'x' => found.is_ascii_hexdigit(),
            other => *found == other,
        })
}
