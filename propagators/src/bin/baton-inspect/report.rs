//! What is seen, as data.

use baton_propagators::event::{Contexts, Event, Found, Record, Relation};
use serde::Serialize;

use crate::advice::advice;

/// The whole report; its JSON is the output of `--format json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) trigger: &'static str,
    pub(crate) faas_trigger: &'static str,
    pub(crate) span: Span,
    pub(crate) relation: Decision,
    /// Contexts of the event that belong to no record.
    pub(crate) contexts: Vec<Seen>,
    pub(crate) records: Vec<Message>,
    pub(crate) ignored: Ignored,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Span {
    /// The function's own name where it is missing.
    pub(crate) name: Option<String>,
    pub(crate) kind: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Decision {
    pub(crate) parent: Option<String>,
    pub(crate) links: Vec<String>,
    pub(crate) reason: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) index: usize,
    pub(crate) id: String,
    pub(crate) destination: String,
    /// What kind of event stands in its body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inside: Option<&'static str>,
    pub(crate) contexts: Vec<Seen>,
    pub(crate) invalid: u32,
    pub(crate) repeated: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    pub(crate) role: Role,
    pub(crate) place: String,
    pub(crate) format: &'static str,
    pub(crate) traceparent: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) tracestate: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Parent,
    Link,
}

/// Counts of what was there and does not count.
#[derive(Debug, Serialize)]
pub(crate) struct Ignored {
    pub(crate) invalid: u32,
    pub(crate) repeated: u32,
    pub(crate) unopened: u32,
    pub(crate) left_out: u32,
}

// ===== impl Report =====

impl Report {
    pub(crate) fn new(event: &Event<'_>) -> Self {
        let relation = event.relation();
        let message = |(index, record)| Message::new(index, record, &relation);
        let records = event.records.iter().enumerate().map(message).collect();
        let repeated = event.records.iter().map(|record| record.contexts.repeated);
        let found = relation.parent.is_some() || !relation.links.is_empty();
        Self {
            trigger: event.trigger.as_str(),
            faas_trigger: event.trigger.faas_trigger(),
            span: Span {
                name: event.span_name(),
                kind: format!("{:?}", event.span_kind()).to_uppercase(),
            },
            contexts: seen(&event.contexts, &relation),
            records,
            ignored: Ignored {
                invalid: event.invalid(),
                repeated: repeated.fold(event.contexts.repeated, u32::saturating_add),
                unopened: event.unopened,
                left_out: event.left_out,
            },
            advice: (!found).then(|| advice(event)),
            relation: Decision {
                parent: relation.parent.map(traceparent),
                links: relation.links.iter().copied().map(traceparent).collect(),
                reason: relation.reason.to_string(),
            },
        }
    }
}

// ===== impl Message =====

impl Message {
    fn new(index: usize, record: &Record<'_>, relation: &Relation<'_>) -> Self {
        Self {
            index,
            id: record.message_id.to_string(),
            destination: record.destination.to_string(),
            inside: record.inside.map(|trigger| trigger.as_str()),
            contexts: seen(&record.contexts, relation),
            invalid: record.contexts.invalid,
            repeated: record.contexts.repeated,
        }
    }
}

fn seen(contexts: &Contexts, relation: &Relation<'_>) -> Vec<Seen> {
    let is_parent = |found: &Found| {
        relation
            .parent
            .is_some_and(|parent| std::ptr::eq(parent, found))
    };
    let seen = |found: &Found| Seen {
        role: if is_parent(found) {
            Role::Parent
        } else {
            Role::Link
        },
        place: found.place.to_string(),
        format: found.format.as_str(),
        traceparent: traceparent(found),
        tracestate: found.context.state().as_str().to_owned(),
    };
    contexts.iter().map(seen).collect()
}

fn traceparent(found: &Found) -> String {
    found.context.traceparent().to_string()
}
