//! Parent or link: the one rule.

use std::fmt;

use super::{Contexts, Event, Found, Record, contexts::Again};

/// How the span of an invocation, or of one message, stands to the contexts that its event carries.
///
/// # Parent or link
/// | event | relation |
/// |---|---|
/// | a request, a direct invoke, a task of a state machine | parent: the caller waits, or at least meant this run |
/// | one message | parent |
/// | one message, received before (a plain retry) | parent: it is the same message, and the retry belongs to the same story |
/// | one message out of a dead-letter queue (it has `DeadLetterQueueSourceArn`) | link: a redrive or clean-up starts a story of its own |
/// | one event out of an archive (it has `replay-name`) | link: it happened before |
/// | one record of an invocation that failed for good (a destination, an old dead-letter queue) | link: that story is over |
/// | one message with only an unsampled X-Ray header | link: AWS writes `Sampled=0` where nobody decided, so the local sampler must be free to record |
/// | one message with several messages inside | links: each is as much of a cause as the others |
/// | records of a stream: Kinesis, Firehose, DynamoDB, Kafka, DocumentDB | links: many read them, and again; a table's item may hold a context of long ago |
/// | several messages | links, one on each message's `process` span |
/// | no context | root |
///
/// # Which context wins
/// The first valid one of a list. Others that name another trace become links beside it; the same trace again is counted and
/// left out. For one message, and for what is inside of it:
///
/// 1. what its own producer put beside it: message attributes, record headers, `ClientContext`, HTTP headers;
/// 2. what is inside, nearest first: the SNS envelope's attributes, then its message; `_trace`, then `_datadog`, then the plain
///    fields of a payload; the `requestPayload` of a destination. A message that has (1) is opened only when its body begins
///    as the envelope of a service: one extraction a message;
/// 3. what AWS put beside it: `AWSTraceHeader`;
/// 4. `Lambda-Runtime-Trace-Id`, when it is sampled and nothing else was found.
///
/// At each of these places the formats are asked in their order ([`Formats`](crate::format::Formats)), and an X-Ray header
/// that is not sampled never wins over, nor is linked beside, anything that somebody decided.
///
/// ```
/// use baton_propagators::event::{Event, Reason};
///
/// let event = Event::parse(br#"{"action": "direct invoke"}"#);
/// let relation = event.relation();
/// assert!(relation.parent.is_none() && relation.links.is_empty());
/// assert_eq!(relation.reason, Reason::NoContext);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relation<'e> {
    /// What the span continues; without it, it starts a trace.
    pub parent: Option<&'e Found>,
    /// What the span points to, in the order of the records and of the list above.
    pub links: Vec<&'e Found>,
    /// Why.
    pub reason: Reason,
}

/// Which row of the rule it was.
///
/// ```
/// use baton_propagators::event::Reason;
///
/// assert_eq!(Reason::Replay.to_string(), "the event comes out of an archive: it happened before");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing was found.
    NoContext,
    /// A request, or an invoke.
    Caller,
    /// One message and nothing else.
    OneMessage,
    /// Several messages.
    Batch,
    /// Records of a stream.
    Stream,
    /// Out of a dead-letter queue.
    Redrive,
    /// Out of an archive.
    Replay,
    /// A record of what failed.
    Failure,
    /// An X-Ray header that is not sampled.
    Undecided,
    /// Several messages inside of one.
    SeveralInside,
}

// ===== impl Event =====

impl Event<'_> {
    /// Applies the rule to the span of the invocation.
    ///
    /// The links of a batch are those of all its records; they belong on the span of each.
    #[must_use]
    pub fn relation(&self) -> Relation<'_> {
        let own = self.contexts.winner();
        match (own, self.records.as_slice()) {
            (None, [record]) => record.relation(),
            (None, [_, _, ..]) => {
                let links: Vec<_> = self
                    .records
                    .iter()
                    .flat_map(|r| r.contexts.iter())
                    .collect();
                let reason = if links.is_empty() {
                    Reason::NoContext
                } else {
                    Reason::Batch
                };
                Relation {
                    parent: None,
                    links,
                    reason,
                }
            }
            (Some(_), [record]) => {
                let mut relation = one(&self.contexts, Reason::Caller);
                relation.links.extend(record.contexts.iter());
                relation
            }
            _ => one(&self.contexts, Reason::Caller),
        }
    }

    /// Whether the links of the relation stand on the spans of the records.
    ///
    /// ```
    /// use baton_propagators::event::Event;
    ///
    /// assert!(Event::parse(br#"{"Records": [{"eventSource": "aws:sqs"}, {"eventSource": "aws:sqs"}]}"#).is_batch());
    /// ```
    #[must_use]
    pub fn is_batch(&self) -> bool {
        self.records.len() > 1
    }
}

// ===== impl Record =====

impl Record<'_> {
    /// Applies the rule to the span of one message that came alone. In a batch there are only links: all its contexts.
    #[must_use]
    pub fn relation(&self) -> Relation<'_> {
        if self.trigger.is_stream() && !self.contexts.is_empty() {
            return links(&self.contexts, Reason::Stream);
        }
        one(&self.contexts, Reason::OneMessage)
    }
}

fn one(contexts: &Contexts, reason: Reason) -> Relation<'_> {
    let Some(winner) = contexts.winner() else {
        return links(contexts, Reason::NoContext);
    };
    let again = contexts.again.map(|again| match again {
        Again::Redrive => Reason::Redrive,
        Again::Replay => Reason::Replay,
        Again::Failure => Reason::Failure,
    });
    let inside = contexts.several.then_some(Reason::SeveralInside);
    let undecided = winner.is_undecided().then_some(Reason::Undecided);
    match again.or(inside).or(undecided) {
        Some(reason) => links(contexts, reason),
        None => Relation {
            parent: Some(winner),
            links: contexts.others().iter().collect(),
            reason,
        },
    }
}

fn links(contexts: &Contexts, reason: Reason) -> Relation<'_> {
    Relation {
        parent: None,
        links: contexts.iter().collect(),
        reason,
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoContext => "nothing to continue",
            Self::Caller => "the caller meant this run",
            Self::OneMessage => "one message and nothing else",
            Self::Batch => "several messages: each has a span with its own links",
            Self::Stream => "the record of a stream: many read it, and again",
            Self::Redrive => "the message comes out of a dead-letter queue: a story of its own",
            Self::Replay => "the event comes out of an archive: it happened before",
            Self::Failure => "the record of an invocation that failed for good: that story is over",
            Self::Undecided => {
                "an X-Ray header that is not sampled: AWS writes it where nobody decided"
            }
            Self::SeveralInside => "several messages inside of one: none is more of a cause",
        })
    }
}

#[cfg(test)]
mod tests;
