//! The contexts of one record, or of an event without records.

use super::{Place, place::Step};
use crate::{
    context::{TraceContext, TraceId},
    format::{Baggage, Extra, Format, Sampling},
};

/// With the winner as many as a span keeps links by default:
/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits>
const MAX_OTHERS: usize = 127;

/// One context, with what it was written in and where.
///
/// ```
/// use baton_propagators::{event::Event, format::Format};
///
/// let event = Event::parse(br#"{"_trace": {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}"#);
/// let found = event.contexts.winner();
/// assert_eq!(found.map(|found| (found.format, found.place.to_string())), Some((Format::TraceContext, "_trace".to_owned())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// Where the sender stood.
    pub context: TraceContext<'static>,
    /// How it was written.
    pub format: Format,
    /// Where in the event it was.
    pub place: Place,
}

/// What was found, in the order in which it counts; see [`Relation`](super::Relation) for that.
///
/// ```
/// use baton_propagators::event::Event;
///
/// let event = Event::parse(br#"{"Records": [{
///     "eventSource": "aws:sqs", "messageId": "1", "body": "", "messageAttributes": {"traceparent":
///         {"dataType": "String", "stringValue": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}},
///     "attributes": {"AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}
/// }]}"#);
///
/// let contexts = &event.records[0].contexts;
/// let places: Vec<_> = contexts.iter().map(|found| found.place.to_string()).collect();
/// assert_eq!(places, ["messageAttributes", "attributes.AWSTraceHeader"]);
/// assert_eq!(contexts.winner().map(|found| found.format.as_str()), Some("tracecontext"));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Contexts {
    winner: Option<Found>,
    others: Vec<Found>,
    /// What the application hands along; from the first carrier that has any.
    pub baggage: Baggage<'static>,
    /// What stood beside the winner: a wish about sampling, and the rest of the first X-Ray header that has one.
    pub extra: Extra<'static>,
    /// How many were there and not valid.
    pub invalid: u32,
    /// How many were valid and left out: the same trace again, or more than anybody links to.
    pub repeated: u32,
    /// Whether they come from several messages inside of this one, none of which is more of a cause than the others.
    pub(super) several: bool,
    /// Whether the message was there before, or its story came to an end.
    pub(super) again: Option<Again>,
}

/// Why a message is not the next step of its story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Out of a dead-letter queue.
    Redrive,
    /// Out of an archive.
    Replay,
    /// A record of what failed for good.
    Failure,
}

// ===== impl Found =====

impl Found {
    /// Whether it says nothing about sampling: an X-Ray header that is not sampled, which AWS writes where nobody decided.
    ///
    /// ```
    /// use baton_propagators::event::Event;
    ///
    /// let event = Event::parse(br#"{"Records": [{"eventSource": "aws:sqs", "attributes": {"AWSTraceHeader":
    ///     "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"}}]}"#);
    /// assert!(event.records[0].contexts.iter().all(|found| found.is_undecided()));
    /// ```
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        let by_aws = [Some(Step::AwsTraceHeader), Some(Step::RuntimeHeader)];
        by_aws.contains(&self.place.last()) && !self.context.flags().is_sampled()
    }
}

/// Whether both name one trace: systems with ids of 64 bits write the lower half.
fn is_same(one: TraceId, other: TraceId) -> bool {
    let [one, other] = [one, other].map(|id| u128::from_be_bytes(id.to_bytes()));
    let (low, is_half) = (u128::from(u64::MAX), |id: u128| id >> 64 == 0);
    one == other || (one & low == other & low && (is_half(one) || is_half(other)))
}

// ===== impl Contexts =====

impl Contexts {
    /// The one that counts.
    #[must_use]
    pub const fn winner(&self) -> Option<&Found> {
        self.winner.as_ref()
    }

    /// Those that name another trace.
    #[must_use]
    pub fn others(&self) -> &[Found] {
        &self.others
    }

    /// The winner, then the others.
    pub fn iter(&self) -> impl Iterator<Item = &Found> {
        self.winner.iter().chain(&self.others)
    }

    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.winner.is_none()
    }

    /// The first one wins, unless nobody decided about it. A later one counts when it names another trace, and somebody
    /// decided about that.
    pub(super) fn add(&mut self, found: Found) {
        if self.winner.as_ref().is_none_or(Found::is_undecided) && !found.is_undecided() {
            self.repeated += u32::from(self.winner.is_some());
            self.winner = Some(found);
            return;
        }
        if self.winner.is_none() {
            self.winner = Some(found);
            return;
        }
        let trace = found.context.trace_id();
        let known = self
            .iter()
            .any(|known| is_same(known.context.trace_id(), trace));
        if known || found.is_undecided() || self.others.len() == MAX_OTHERS {
            self.repeated += 1;
        } else {
            self.others.push(found);
        }
    }

    pub(super) fn add_baggage(&mut self, baggage: Baggage<'_>) {
        if self.baggage.is_empty() && !baggage.is_empty() {
            self.baggage = baggage.into_owned();
        }
    }

    /// Before the contexts that it stood beside. What was said without ids holds until ids are found.
    pub(super) fn add_extra(&mut self, extra: Extra<'_>, with_context: bool) {
        let first = self.winner.is_none() && (with_context || extra.sampling != Sampling::Flag);
        if first {
            self.extra.sampling = extra.sampling;
        }
        if self.extra.xray.is_empty() && !extra.xray.is_empty() {
            self.extra.xray = extra.into_owned().xray;
        }
    }

    /// Takes in what was found further inside.
    pub(super) fn absorb(&mut self, inner: Self, at: Place) {
        self.several |= inner.several;
        self.again = self.again.or(inner.again);
        self.invalid = self.invalid.saturating_add(inner.invalid);
        self.repeated = self.repeated.saturating_add(inner.repeated);
        self.add_baggage(inner.baggage);
        self.add_extra(inner.extra, inner.winner.is_some());
        for mut found in inner.winner.into_iter().chain(inner.others) {
            found.place = found.place.within(at);
            self.add(found);
        }
    }
}
