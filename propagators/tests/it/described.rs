//! Finished spans as text: ids that change from run to run become the names of spans.

use std::{collections::HashMap, fmt::Write};

use opentelemetry::{KeyValue, SpanId, trace::Status};
use opentelemetry_sdk::trace::SpanData;

/// In the order in which they ended.
pub(crate) fn describe(spans: &[SpanData]) -> String {
    let names: HashMap<SpanId, String> = spans
        .iter()
        .map(|span| (span.span_context.span_id(), label(span)))
        .collect();
    let mut text = String::new();
    for span in spans {
        describe_one(span, &names, &mut text).unwrap();
    }
    text
}

fn describe_one(
    span: &SpanData,
    names: &HashMap<SpanId, String>,
    text: &mut String,
) -> std::fmt::Result {
    let scope = span.instrumentation_scope.name();
    write!(text, "{scope}: {:?} {:?}", span.span_kind, span.name)?;
    match names.get(&span.parent_span_id) {
        Some(parent) => writeln!(text, " in {parent}")?,
        None if span.parent_span_id == SpanId::INVALID => writeln!(text, ", root")?,
        None => writeln!(
            text,
            " in {} {}",
            span.span_context.trace_id(),
            span.parent_span_id
        )?,
    }
    let state = span.span_context.trace_state().header();
    if !state.is_empty() {
        writeln!(text, "  state {state}")?;
    }
    for link in span.links.iter() {
        writeln!(
            text,
            "  link {} {}",
            link.span_context.trace_id(),
            link.span_context.span_id()
        )?;
    }
    for attribute in &span.attributes {
        writeln!(text, "  {} = {}", attribute.key, attribute.value)?;
    }
    for event in span.events.iter() {
        let attributes: Vec<_> = event
            .attributes
            .iter()
            .map(|a| format!("{}={:?}", a.key, a.value.as_str()))
            .collect();
        writeln!(text, "  event {} {}", event.name, attributes.join(" "))?;
    }
    match &span.status {
        Status::Unset => Ok(()),
        status => writeln!(text, "  {status:?}"),
    }
}

/// An invocation and the messages in it have the same name: the id tells them apart.
fn label(span: &SpanData) -> String {
    let is_id = |a: &&KeyValue| a.key.as_str() == "messaging.message.id";
    match span.attributes.iter().find(is_id) {
        Some(id) => format!("{:?} of {:.8}", span.name, id.value.as_str()),
        None => format!("{:?}", span.name),
    }
}
