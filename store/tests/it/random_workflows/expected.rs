//! What the answers are, worked out with loops from docs/sql.md.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::made::{Delivery, Made, Role};
use crate::story::START_MS;

type Row = Vec<Value>;

pub(super) fn hex(id: u64) -> String {
    format!("{id:016x}")
}

pub(super) fn ns(ms: i64) -> i64 {
    ms * 1_000_000
}

pub(super) fn since_1970_ns(ms: i64) -> i64 {
    ns(START_MS + ms)
}

/// Each span once, in order of start.
pub(super) fn unique(spans: &[Made]) -> Vec<&Made> {
    let mut spans: Vec<&Made> = spans.iter().collect();
    spans.sort_by_key(|span| (span.start_ms, &span.trace_id, span.id));
    spans.dedup_by_key(|span| (&span.trace_id, span.id));
    spans
}

pub(super) fn find<'a>(spans: &[&'a Made], trace_id: &str, id: u64) -> Option<&'a Made> {
    spans
        .iter()
        .copied()
        .find(|span| span.trace_id == trace_id && span.id == id)
}

pub(super) fn traces(spans: &[Made]) -> Vec<Row> {
    let spans = unique(spans);
    let ids: BTreeSet<&String> = spans.iter().map(|span| &span.trace_id).collect();
    let trace = |id: &String| {
        let own: Vec<&Made> = spans
            .iter()
            .copied()
            .filter(|span| span.trace_id == *id)
            .collect();
        let is_root = |span: &&&Made| span.parent.is_none();
        let is_orphan = |span: &&&Made| {
            span.parent
                .is_some_and(|parent| find(&own, id, parent).is_none())
        };
        let root = own
            .iter()
            .find(is_root)
            .or_else(|| own.iter().find(is_orphan))
            .unwrap_or(&own[0]);
        let start_ms = own.iter().map(|span| span.start_ms).min().unwrap();
        let end_ms = own.iter().map(|span| span.end_ms()).max().unwrap();
        let services: BTreeSet<_> = own.iter().map(|span| span.service).collect();
        let complete =
            own.iter().any(|span| is_root(&span)) && !own.iter().any(|span| is_orphan(&span));
        let errors = own.iter().filter(|span| span.is_error).count();
        vec![
            json!(id[..8]),
            json!(id),
            json!(root.service),
            json!(format!("span {}", root.id)),
            json!(START_MS + start_ms),
            json!(ns(end_ms - start_ms)),
            json!(own.len()),
            json!(errors),
            json!(services),
            json!(complete),
        ]
    };
    ids.into_iter().map(trace).collect()
}

pub(super) fn delivery(span: &Made) -> Option<&Delivery> {
    match &span.role {
        Role::Process(delivery) => Some(delivery),
        _ => None,
    }
}

fn message_key(span: &Made) -> (String, Option<String>, Option<(String, u64)>) {
    let delivery = delivery(span).unwrap();
    let itself = delivery
        .message
        .is_none()
        .then(|| (span.trace_id.clone(), span.id));
    (delivery.queue.into(), delivery.message.clone(), itself)
}

/// The spans of one delivery, in order, and its number.
pub(super) type Attempt<'a> = (Option<i64>, Vec<&'a Made>);

pub(super) fn deliveries<'a>(spans: &[&'a Made]) -> Vec<Attempt<'a>> {
    let mut messages: BTreeMap<_, Vec<&Made>> = BTreeMap::new();
    for span in spans
        .iter()
        .copied()
        .filter(|span| delivery(span).is_some())
    {
        messages.entry(message_key(span)).or_default().push(span);
    }
    messages.into_values().flat_map(of_message).collect()
}

/// With a number: it, and what comes without one until the next. Before the first number: what overlaps, and the first number
/// where that goes on into it.
fn of_message(mut spans: Vec<&Made>) -> Vec<Attempt<'_>> {
    let count = |span: &Made| delivery(span).unwrap().count;
    spans.sort_by_key(|span| {
        (
            span.start_ms,
            count(span).is_none(),
            count(span),
            &span.trace_id,
            span.id,
        )
    });
    let mut found: Vec<Attempt<'_>> = Vec::new();
    let (mut last, mut end_ms) = (None, -1);
    for span in spans {
        let overlaps = span.start_ms <= end_ms;
        end_ms = end_ms.max(span.end_ms());
        let is_first = last.is_none() && count(span).is_some();
        last = count(span).or(last);
        let same = found
            .iter()
            .position(|(number, _)| number.is_some() && *number == last);
        match (same, found.last_mut()) {
            (Some(same), _) => found[same].1.push(span),
            (None, Some((number, spans))) if overlaps && (last.is_none() || is_first) => {
                *number = last;
                spans.push(span);
            }
            _ => found.push((last, vec![span])),
        }
    }
    found
}

/// A row of `hops`, with what the views on it need.
pub(super) struct Hop<'a> {
    pub(super) queue: &'static str,
    pub(super) message: Option<&'a str>,
    pub(super) count: Option<i64>,
    pub(super) sent_ms: Option<i64>,
    pub(super) received_ms: i64,
    pub(super) end_ms: i64,
    pub(super) batch: i64,
    pub(super) outcome: &'static str,
    pub(super) is_error: bool,
    pub(super) dead_letter_source: Option<&'static str>,
    pub(super) producer: Option<(&'a str, u64)>,
    pub(super) producer_service: Option<&'static str>,
    pub(super) consumer: &'a Made,
}

impl Hop<'_> {
    pub(super) fn lag_ns(&self) -> Option<i64> {
        self.sent_ms
            .map(|sent_ms| ns((self.received_ms - sent_ms).max(0)))
    }

    /// The message's id, else the delivery's own.
    pub(super) fn own_id(&self) -> String {
        let own = || format!("{}{}", self.consumer.trace_id, hex(self.consumer.id));
        self.message.map_or_else(own, str::to_owned)
    }
}

pub(super) fn all_hops<'a>(spans: &[&'a Made]) -> Vec<Hop<'a>> {
    deliveries(spans)
        .iter()
        .map(|(number, own)| hop(spans, *number, own))
        .collect()
}

pub(super) fn hops(spans: &[Made]) -> Vec<Row> {
    all_hops(&unique(spans)).iter().map(row).collect()
}

struct Sender<'a> {
    trace_id: &'a str,
    id: u64,
    by_link: bool,
    span: Option<&'a Made>,
}

impl Sender<'_> {
    fn is_producer(&self) -> bool {
        self.span
            .is_some_and(|span| matches!(span.role, Role::Send(_)))
    }
}

/// The first PRODUCER among links and parent, else the first of them, leaving out what belongs to the delivery itself.
fn sender<'a>(spans: &[&'a Made], of: &'a Made) -> Option<Sender<'a>> {
    let links = of
        .links
        .iter()
        .map(|(trace_id, id)| (trace_id.as_str(), *id, true));
    let parent = of.parent.map(|id| (of.trace_id.as_str(), id, false));
    let mut senders: Vec<Sender<'a>> = links
        .chain(parent)
        .map(|(trace_id, id, by_link)| Sender {
            trace_id,
            id,
            by_link,
            span: find(spans, trace_id, id),
        })
        .collect();
    senders.retain(|sender| {
        let around = |span: &Made| {
            span.service == of.service
                && span.start_ms <= of.start_ms
                && span.end_ms() >= of.end_ms()
        };
        sender.by_link || sender.is_producer() || !sender.span.is_some_and(around)
    });
    let place = senders.iter().position(Sender::is_producer).unwrap_or(0);
    (place < senders.len()).then(|| senders.swap_remove(place))
}

fn hop<'a>(spans: &[&'a Made], attempt: Option<i64>, own: &[&'a Made]) -> Hop<'a> {
    let mut senders: Vec<(Sender<'a>, &'a Made)> = own
        .iter()
        .filter_map(|span| Some((sender(spans, span)?, *span)))
        .collect();
    let producer_end_ms = senders
        .iter()
        .filter(|(sender, _)| sender.is_producer())
        .map(|(sender, _)| sender.span.unwrap().end_ms())
        .min();
    let sent_ms = own
        .iter()
        .filter_map(|span| delivery(span).unwrap().sent_ms)
        .min()
        .or(producer_end_ms);
    senders.sort_by_key(|(sender, of)| {
        (
            !sender.is_producer(),
            !sender.by_link,
            sender.span.is_none(),
            of.start_ms,
            of.trace_id.clone(),
            of.id,
        )
    });
    let sender = senders.first().map(|(sender, _)| sender);
    let mut preferred = own.to_vec();
    preferred.sort_by_key(|span| {
        (
            delivery(span).unwrap().outcome.is_none(),
            -span.start_ms,
            &span.trace_id,
            span.id,
        )
    });
    let consumer = preferred[0];
    let is_error = own.iter().any(|span| span.is_error);
    let by_status = if is_error { "failed" } else { "ok" };
    let batch = |span: &&Made| match find(spans, &span.trace_id, span.parent?)?.role {
        Role::Batch(messages) => Some(messages),
        _ => None,
    };
    let key = delivery(consumer).unwrap();
    Hop {
        queue: key.queue,
        message: key.message.as_deref(),
        count: attempt,
        sent_ms,
        received_ms: own.iter().map(|span| span.start_ms).min().unwrap(),
        end_ms: own.iter().map(|span| span.end_ms()).max().unwrap(),
        batch: own.iter().filter_map(batch).max().unwrap_or(1),
        outcome: key.outcome.unwrap_or(by_status),
        is_error,
        dead_letter_source: preferred
            .iter()
            .find_map(|span| span.extra.dead_letter_source),
        producer: sender.map(|sender| (sender.trace_id, sender.id)),
        producer_service: sender
            .and_then(|sender| sender.span)
            .map(|span| span.service),
        consumer,
    }
}

fn row(hop: &Hop<'_>) -> Row {
    vec![
        json!(hop.consumer.trace_id[..8]),
        json!(hop.queue),
        json!(hop.message),
        json!(hop.count),
        json!(hop.lag_ns()),
        json!(ns(hop.end_ms - hop.received_ms)),
        json!(hop.batch),
        json!(hop.outcome),
        json!(hop.is_error.then_some("broken")),
        json!(hop.dead_letter_source),
        json!(hop.producer.map(|(trace_id, _)| trace_id)),
        json!(hop.producer.map(|(_, id)| hex(id))),
        json!(hop.producer_service),
        json!(hop.consumer.trace_id),
        json!(hex(hop.consumer.id)),
    ]
}
