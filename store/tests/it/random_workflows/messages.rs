//! What became of messages: chains of deliveries, queues, edges.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::expected::{Hop, all_hops, find, hex, ns, unique};
use super::made::{Made, Role, name};
use crate::story::START_MS;

type Row = Vec<Value>;

/// A message with all its deliveries, in order.
struct Chain<'a> {
    hops: Vec<Hop<'a>>,
}

fn sends(span: &Made) -> Option<&'static str> {
    match span.role {
        Role::Send(queue) => Some(queue),
        _ => None,
    }
}

/// Of the hops that lead to the same sender and queue the first gives the others its name.
fn names(spans: &[&Made], hops: &[Hop<'_>]) -> BTreeMap<String, String> {
    let mut groups: BTreeMap<_, Vec<(i64, String)>> = BTreeMap::new();
    for hop in hops.iter().filter(|hop| hop.dead_letter_source.is_none()) {
        let Some((trace_id, id)) = hop.producer else {
            continue;
        };
        if find(spans, trace_id, id).is_some_and(|span| sends(span).is_some()) {
            groups
                .entry((trace_id, id, hop.queue))
                .or_default()
                .push((hop.received_ms, hop.own_id()));
        }
    }
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for mut group in groups.into_values() {
        group.sort();
        let first = group[0].1.clone();
        for (_, own) in group.into_iter().filter(|(_, own)| *own != first) {
            let name = names.entry(own).or_insert_with(|| first.clone());
            *name = name.clone().min(first.clone());
        }
    }
    names
}

fn chains<'a>(spans: &[&'a Made]) -> Vec<Chain<'a>> {
    let hops = all_hops(spans);
    let names = names(spans, &hops);
    let mut chains: BTreeMap<String, Vec<Hop<'a>>> = BTreeMap::new();
    for hop in hops {
        let own = hop.own_id();
        chains
            .entry(names.get(&own).cloned().unwrap_or(own))
            .or_default()
            .push(hop);
    }
    let in_order = |mut hops: Vec<Hop<'a>>| {
        hops.sort_by_key(|hop| {
            (
                hop.received_ms,
                hop.count.unwrap_or(0),
                &hop.consumer.trace_id,
                hop.consumer.id,
            )
        });
        Chain { hops }
    };
    chains.into_values().map(in_order).collect()
}

impl Chain<'_> {
    fn queue(&self) -> &'static str {
        let source = self
            .hops
            .iter()
            .find(|hop| hop.dead_letter_source.is_none())
            .map(|hop| hop.queue);
        source
            .or_else(|| self.hops.iter().find_map(|hop| hop.dead_letter_source))
            .unwrap()
    }

    fn deliveries(&self) -> i64 {
        let mut rounds: BTreeMap<_, (i64, i64)> = BTreeMap::new();
        for hop in &self.hops {
            let round = rounds.entry((hop.queue, hop.own_id())).or_default();
            *round = (round.0 + 1, round.1.max(hop.count.unwrap_or(0)));
        }
        rounds
            .into_values()
            .map(|(known, highest)| known.max(highest))
            .sum()
    }

    fn last(&self) -> &Hop<'_> {
        self.hops.last().unwrap()
    }

    fn is_dead(&self) -> bool {
        self.last().dead_letter_source.is_some() || self.last().outcome == "failed"
    }

    /// What `retries` and `dead_letters` have in common.
    fn row(&self) -> Row {
        let failed = || self.hops.iter().rev().filter(|hop| hop.outcome == "failed");
        let ids: BTreeSet<String> = self.hops.iter().map(Hop::own_id).collect();
        let consumer = failed().next().unwrap_or(self.last()).consumer;
        vec![
            json!(consumer.trace_id[..8]),
            json!(self.queue()),
            json!(self.hops.iter().find_map(|hop| hop.message)),
            json!(self.deliveries()),
            json!(failed().count()),
            json!(START_MS + self.hops[0].received_ms),
            json!(START_MS + self.hops.iter().map(|hop| hop.received_ms).max().unwrap()),
            json!(failed().any(|hop| hop.is_error).then_some("broken")),
            json!(self.hops[0].producer.map(|(trace_id, _)| trace_id)),
            json!(consumer.trace_id),
            json!(hex(consumer.id)),
            json!(ids.len() - 1),
            json!(self.last().outcome),
        ]
    }
}

pub(super) fn retries(spans: &[Made]) -> Vec<Row> {
    chains(&unique(spans))
        .iter()
        .filter(|chain| chain.deliveries() > 1)
        .map(Chain::row)
        .collect()
}

pub(super) fn dead_letters(spans: &[Made]) -> Vec<Row> {
    let dead = |chain: &Chain<'_>| {
        let mut row = chain.row();
        row.truncate(11);
        row.push(json!(
            chain
                .hops
                .iter()
                .find(|hop| hop.dead_letter_source.is_some())
                .map(|hop| hop.queue)
        ));
        row.push(json!(if chain.last().dead_letter_source.is_some() {
            "dead_letter_queue"
        } else {
            "last_delivery_failed"
        }));
        row
    };
    chains(&unique(spans))
        .iter()
        .filter(|chain| chain.is_dead())
        .map(dead)
        .collect()
}

fn stuck<'a>(spans: &[&'a Made], hops: &[Hop<'_>]) -> Vec<&'a Made> {
    let is_consumed = |span: &Made| {
        hops.iter().any(|hop| {
            hop.producer == Some((span.trace_id.as_str(), span.id))
                || (hop.message.is_some()
                    && hop.message == span.extra.message.as_deref()
                    && Some(hop.queue) == sends(span))
        })
    };
    spans
        .iter()
        .copied()
        .filter(|span| sends(span).is_some() && !span.is_error && !is_consumed(span))
        .collect()
}

pub(super) fn stuck_messages(spans: &[Made]) -> Vec<Row> {
    let spans = unique(spans);
    let hops = all_hops(&spans);
    let row = |span: &Made| {
        vec![
            json!(span.trace_id[..8]),
            json!(sends(span)),
            json!(span.extra.message),
            json!(START_MS + span.end_ms()),
            json!(1),
            json!(span.trace_id),
            json!(hex(span.id)),
            json!(span.service),
        ]
    };
    stuck(&spans, &hops).into_iter().map(row).collect()
}

/// As `quantile_disc` counts.
fn quantile(mut values: Vec<i64>, percent: usize) -> Option<i64> {
    values.sort_unstable();
    let below = (values.len() * percent).div_ceil(100).max(1);
    values.get(below - 1).copied()
}

pub(super) fn queues(seed: u64, spans: &[Made]) -> Vec<Row> {
    let spans = unique(spans);
    let (hops, chains) = (all_hops(&spans), chains(&spans));
    let stuck = stuck(&spans, &hops);
    let row = |queue: &&'static str| {
        let own: Vec<&Hop<'_>> = hops.iter().filter(|hop| hop.queue == *queue).collect();
        let messages: BTreeSet<String> = own.iter().map(|hop| hop.own_id()).collect();
        let lags: Vec<i64> = own.iter().filter_map(|hop| hop.lag_ns()).collect();
        let dead = chains
            .iter()
            .filter(|chain| chain.is_dead() && chain.queue() == *queue)
            .count();
        let waiting: Vec<&&Made> = stuck
            .iter()
            .filter(|span| sends(span) == Some(*queue))
            .collect();
        if own.is_empty() && dead == 0 && waiting.is_empty() {
            return None;
        }
        Some(vec![
            json!(name(seed)),
            json!(queue),
            json!(messages.len()),
            json!(own.len()),
            json!(quantile(lags.clone(), 50)),
            json!(quantile(lags, 95)),
            json!(own.iter().filter(|hop| hop.outcome == "failed").count()),
            json!(own.len() - messages.len()),
            json!(dead),
            json!(waiting.len()),
            json!(waiting.iter().map(|span| START_MS + span.end_ms()).min()),
        ])
    };
    ["x", "y"].iter().filter_map(row).collect()
}

/// Caller, callee, queue.
type Edge = (&'static str, &'static str, Option<&'static str>);

struct Call {
    duration_ns: i64,
    is_error: bool,
    lag_ns: Option<i64>,
}

pub(super) fn service_edges(seed: u64, spans: &[Made]) -> Vec<Row> {
    let spans = unique(spans);
    let mut edges: BTreeMap<Edge, Vec<Call>> = BTreeMap::new();
    let is_work = |span: &&&Made| matches!(span.role, Role::Work) && span.extra.statement.is_none();
    for span in spans.iter().filter(is_work) {
        let parent = span.parent.and_then(|id| find(&spans, &span.trace_id, id));
        if let Some(parent) = parent.filter(|parent| parent.service != span.service) {
            let call = Call {
                duration_ns: ns(span.duration_ms),
                is_error: span.is_error,
                lag_ns: None,
            };
            edges
                .entry((parent.service, span.service, None))
                .or_default()
                .push(call);
        }
    }
    for hop in all_hops(&spans) {
        let Some(caller) = hop.producer_service else {
            continue;
        };
        let call = Call {
            duration_ns: ns(hop.end_ms - hop.received_ms),
            is_error: hop.outcome == "failed",
            lag_ns: hop.lag_ns(),
        };
        edges
            .entry((caller, hop.consumer.service, Some(hop.queue)))
            .or_default()
            .push(call);
    }
    edges
        .iter()
        .map(|(edge, calls)| edge_row(seed, *edge, calls))
        .collect()
}

fn edge_row(seed: u64, (caller, callee, via): Edge, calls: &[Call]) -> Row {
    let durations: Vec<i64> = calls.iter().map(|call| call.duration_ns).collect();
    vec![
        json!(name(seed)),
        json!(caller),
        json!(callee),
        json!(via),
        json!(calls.len()),
        json!(calls.iter().filter(|call| call.is_error).count()),
        json!(quantile(durations.clone(), 50)),
        json!(quantile(durations, 99)),
        json!(quantile(
            calls.iter().filter_map(|call| call.lag_ns).collect(),
            95
        )),
    ]
}
