//! Parent or link: the one rule.

use super::{Event, Record};
use crate::context::TraceContext;

/// How the span of an invocation stands to the contexts that its event carries.
///
/// | event | relation |
/// |---|---|
/// | HTTP request with a valid `traceparent` | parent |
/// | one message | parent |
/// | one message, received before (a plain retry) | parent: it is the same message, and the retry belongs to the same story |
/// | one message out of a dead-letter queue (it has `DeadLetterQueueSourceArn`) | link: a redrive or clean-up starts a story of its own |
/// | one message with only an unsampled `AWSTraceHeader` | link: AWS writes `Sampled=0` where nobody decided, so the local sampler must be free to record |
/// | several messages | links, one on each message's `process` span |
/// | no context | root |
///
/// ```
/// use baton_propagators::event::{Event, Relation};
///
/// let event = Event::parse(br#"{"action": "direct invoke"}"#);
/// assert!(matches!(event.relation(), Relation::Root));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Relation<'e> {
    /// Nothing to continue.
    Root,
    /// The span continues this trace.
    Parent(&'e TraceContext<'static>),
    /// The span starts a trace and points to these, in the order of the records.
    Links(Vec<&'e TraceContext<'static>>),
}

impl Event<'_> {
    /// Applies the rule of [`Relation`].
    #[must_use]
    pub fn relation(&self) -> Relation<'_> {
        if let Some(request) = &self.http {
            return request
                .context
                .as_ref()
                .map_or(Relation::Root, Relation::Parent);
        }
        let contexts: Vec<_> = self
            .records
            .iter()
            .filter_map(|record| record.context.as_ref())
            .collect();
        match (self.records.as_slice(), contexts.as_slice()) {
            (_, []) => Relation::Root,
            ([record], [context]) if record.may_be_parent() => Relation::Parent(context),
            _ => Relation::Links(contexts),
        }
    }
}

impl Record<'_> {
    fn may_be_parent(&self) -> bool {
        self.dead_letter_source.is_none() && !self.undecided
    }
}

#[cfg(test)]
mod tests;
