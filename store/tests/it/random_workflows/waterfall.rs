//! A waterfall, worked out with loops.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::expected::{deliveries, delivery, hex, ns, since_1970_ns, unique};
use super::made::{Made, Role};

/// Spans by their place in order of start.
struct Graph<'a> {
    spans: Vec<&'a Made>,
    parents: BTreeMap<usize, usize>,
    senders: BTreeMap<usize, BTreeSet<usize>>,
}

/// The traces that links lead to. Who sent the first message is not asked.
fn downstream(spans: &[Made], trace_id: &str) -> BTreeSet<String> {
    let mut near = BTreeSet::from([trace_id.to_owned()]);
    loop {
        let is_linked = |span: &&Made| span.links.iter().any(|(sender, _)| near.contains(sender));
        let more: Vec<String> = spans
            .iter()
            .filter(is_linked)
            .map(|span| span.trace_id.clone())
            .collect();
        let before = near.len();
        near.extend(more);
        if near.len() == before {
            return near;
        }
    }
}

impl<'a> Graph<'a> {
    fn of(spans: &'a [Made], trace_id: &str) -> Self {
        let near = downstream(spans, trace_id);
        let mut spans = unique(spans);
        spans.retain(|span| near.contains(&span.trace_id));
        let place = |trace_id: &str, id: u64, not: usize| {
            let place = spans
                .iter()
                .position(|span| span.trace_id == trace_id && span.id == id);
            place.filter(|place| *place != not)
        };
        let (mut parents, mut senders) = (BTreeMap::new(), BTreeMap::new());
        for (n, span) in spans.iter().enumerate() {
            if let Some(parent) = span.parent.and_then(|id| place(&span.trace_id, id, n)) {
                parents.insert(n, parent);
            }
            let linked = span
                .links
                .iter()
                .filter_map(|(trace_id, id)| place(trace_id, *id, n));
            senders.insert(n, linked.collect());
        }
        Self {
            spans,
            parents,
            senders,
        }
    }

    /// What happened because of the trace.
    fn reached(&self, trace_id: &str) -> BTreeSet<usize> {
        let mut reached: BTreeSet<usize> = (0..self.spans.len())
            .filter(|n| self.spans[*n].trace_id == trace_id)
            .collect();
        loop {
            let is_below = |n: &usize| {
                self.parents
                    .get(n)
                    .into_iter()
                    .chain(&self.senders[n])
                    .any(|above| reached.contains(above))
            };
            let more: Vec<usize> = (0..self.spans.len())
                .filter(|n| !reached.contains(n) && is_below(n))
                .collect();
            if more.is_empty() {
                return reached;
            }
            reached.extend(more);
        }
    }

    /// What stands above that without being a part of it, each with the first message below it.
    fn shared(&self, reached: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
        let mut shared = BTreeMap::new();
        for entry in reached {
            let (mut at, mut seen) = (*entry, BTreeSet::new());
            while let Some(above) = self
                .parents
                .get(&at)
                .filter(|above| !reached.contains(above) && seen.insert(**above))
            {
                shared.entry(*above).or_insert(*entry);
                at = *above;
            }
        }
        shared
    }
}

struct Tree<'a> {
    graph: Graph<'a>,
    trace_id: &'a str,
    reached: BTreeSet<usize>,
    shared: BTreeMap<usize, usize>,
}

impl Tree<'_> {
    fn is_shown(&self, n: usize) -> bool {
        self.reached.contains(&n) || self.shared.contains_key(&n)
    }

    /// The senders of the message that led to a span, as far as they are shown.
    fn links(&self, n: usize) -> impl Iterator<Item = usize> + '_ {
        let entry = self.shared.get(&n).copied().unwrap_or(n);
        self.graph.senders[&entry]
            .iter()
            .copied()
            .filter(|sender| self.is_shown(*sender))
    }

    fn parent(&self, n: usize) -> Option<usize> {
        let is_elsewhere = self.graph.spans[n].trace_id != self.trace_id;
        let parent = self
            .graph
            .parents
            .get(&n)
            .copied()
            .filter(|above| self.is_shown(*above));
        parent.or_else(|| self.links(n).min().filter(|_| is_elsewhere))
    }

    /// From a root to the span; where that goes round in a circle the span alone.
    fn path(&self, n: usize) -> Vec<usize> {
        let mut path = vec![n];
        while let Some(above) = self.parent(path[0]) {
            if path.contains(&above) {
                return vec![n];
            }
            path.insert(0, above);
        }
        path
    }
}

/// A row, and where it stands: its path, a wait before its span, then by start.
struct Line {
    path: Vec<usize>,
    rank: u8,
    start_ms: i64,
    row: Vec<Value>,
}

pub(super) fn waterfall(spans: &[Made], trace_id: &str) -> Vec<Vec<Value>> {
    let graph = Graph::of(spans, trace_id);
    let reached = graph.reached(trace_id);
    let shared = graph.shared(&reached);
    let tree = Tree {
        graph,
        trace_id,
        reached,
        shared,
    };
    let mut lines = waits(&tree);
    lines.extend(
        tree.reached
            .iter()
            .chain(tree.shared.keys())
            .map(|n| line(&tree, *n)),
    );
    lines.sort_by(|one, other| {
        (&one.path, one.rank, one.start_ms).cmp(&(&other.path, other.rank, other.start_ms))
    });
    lines.into_iter().map(|line| line.row).collect()
}

fn line(tree: &Tree<'_>, n: usize) -> Line {
    let span = tree.graph.spans[n];
    let path = tree.path(n);
    let is_shared = tree.shared.contains_key(&n);
    let is_linked = !is_shared && span.trace_id != tree.trace_id && tree.links(n).next().is_some();
    let (queue, message, count) = match &span.role {
        Role::Process(delivery) => (
            Some(delivery.queue),
            delivery.message.as_deref(),
            delivery.count,
        ),
        Role::Send(queue) => (Some(*queue), span.extra.message.as_deref(), None),
        Role::Batch(_) => (Some("x"), None, None),
        Role::Work => (None, None, None),
    };
    let row = vec![
        json!(path.len() - 1),
        json!("span"),
        json!(span.trace_id),
        json!(hex(span.id)),
        json!(queue),
        json!(message),
        json!(count),
        json!(since_1970_ns(span.start_ms)),
        json!(ns(span.duration_ms)),
        json!(is_shared),
        json!(is_linked),
    ];
    Line {
        path,
        rank: 1,
        start_ms: span.start_ms,
        row,
    }
}

/// One for each delivery: before its first span that does not lie within another of the same message.
fn waits(tree: &Tree<'_>) -> Vec<Line> {
    let shown: Vec<&Made> = tree.reached.iter().map(|n| tree.graph.spans[*n]).collect();
    let place = |span: &Made| {
        tree.graph
            .spans
            .iter()
            .position(|other| std::ptr::eq(*other, span))
            .unwrap()
    };
    let is_within = |span: &Made| {
        let around = tree
            .parent(place(span))
            .filter(|above| tree.reached.contains(above));
        let around = around.and_then(|above| delivery(tree.graph.spans[above]));
        let own = delivery(span).unwrap();
        own.message.is_some()
            && around
                .is_some_and(|around| (&around.message, around.queue) == (&own.message, own.queue))
    };
    let wait_of = |(number, own): (Option<i64>, Vec<&Made>)| {
        let sent_ms = own
            .iter()
            .filter_map(|span| delivery(span).unwrap().sent_ms)
            .min();
        let first = own.into_iter().find(|span| !is_within(span))?;
        wait(tree, place(first), number, sent_ms)
    };
    deliveries(&shown).into_iter().filter_map(wait_of).collect()
}

fn wait(tree: &Tree<'_>, n: usize, attempt: Option<i64>, sent_ms: Option<i64>) -> Option<Line> {
    let span = tree.graph.spans[n];
    let own = delivery(span)?;
    let linked = tree.graph.senders[&n].iter().copied().min();
    let sender = linked
        .or_else(|| tree.parent(n))
        .map(|sender| tree.graph.spans[sender]);
    let sent = sender.filter(|sender| matches!(sender.role, Role::Send(_)));
    let sent_ms = sent_ms.or(sent.map(Made::end_ms))?;
    let carrier = tree
        .shared
        .iter()
        .find(|(_, entry)| **entry == n)
        .map_or(n, |(carrier, _)| *carrier);
    let path = tree.path(carrier);
    let start_ms = sent_ms.min(span.start_ms);
    let row = vec![
        json!(path.len() - 1),
        json!("wait"),
        json!(span.trace_id),
        Value::Null,
        json!(own.queue),
        json!(own.message),
        json!(attempt),
        json!(since_1970_ns(start_ms)),
        json!(ns(span.start_ms - start_ms)),
        json!(false),
        json!(false),
    ];
    Some(Line {
        path,
        rank: 0,
        start_ms,
        row,
    })
}
