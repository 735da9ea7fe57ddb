//! What single spans and whole workflows come to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::expected::{all_hops, delivery, find, hex, ns, since_1970_ns, unique};
use super::made::Made;

type Row = Vec<Value>;

fn is_orphan(spans: &[&Made], span: &Made) -> bool {
    span.parent
        .is_some_and(|parent| find(spans, &span.trace_id, parent).is_none())
}

pub(super) fn orphan_spans(spans: &[Made]) -> Vec<Row> {
    let spans = unique(spans);
    let row = |span: &&&Made| {
        vec![
            json!(span.trace_id[..8]),
            json!(span.trace_id),
            json!(hex(span.id)),
            json!(span.parent.map(hex)),
            json!(since_1970_ns(span.start_ms)),
        ]
    };
    spans
        .iter()
        .filter(|span| is_orphan(&spans, span))
        .map(|span| row(&span))
        .collect()
}

pub(super) fn n_plus_one(spans: &[Made]) -> Vec<Row> {
    let mut groups: BTreeMap<_, Vec<&Made>> = BTreeMap::new();
    for span in unique(spans) {
        if let (Some(parent), Some(statement)) = (span.parent, span.extra.statement) {
            let statement = if statement == "SELECT a" {
                "SELECT a"
            } else {
                "SELECT ?"
            };
            groups
                .entry((span.trace_id.clone(), parent, statement))
                .or_default()
                .push(span);
        }
    }
    groups.retain(|_, runs| runs.len() >= 3);
    let row = |((trace_id, parent, statement), runs): ((String, u64, &str), Vec<&Made>)| {
        let overlap =
            |(n, one): (usize, &&Made)| runs[n + 1..].iter().any(|other| overlaps(one, other));
        vec![
            json!(trace_id[..8]),
            json!(trace_id),
            json!(hex(parent)),
            json!(statement),
            json!(runs.len()),
            json!(ns(runs.iter().map(|span| span.duration_ms).sum())),
            json!(runs.iter().enumerate().any(overlap)),
        ]
    };
    groups.into_iter().map(row).collect()
}

fn overlaps(one: &Made, other: &Made) -> bool {
    let (first, second) = if (one.start_ms, one.end_ms()) <= (other.start_ms, other.end_ms()) {
        (one, other)
    } else {
        (other, one)
    };
    second.start_ms < first.end_ms()
}

pub(super) fn invocations(spans: &[Made]) -> Vec<Row> {
    let mut requests: BTreeMap<String, Vec<&Made>> = BTreeMap::new();
    for span in unique(spans) {
        if let Some(request) = &span.extra.request {
            requests.entry(request.clone()).or_default().push(span);
        }
    }
    let row = |(request, mut spans): (String, Vec<&Made>)| {
        spans.sort_by_key(|span| (span.start_ms, -span.duration_ms, span.id, &span.trace_id));
        let start_ms = spans[0].start_ms;
        let end_ms = spans.iter().map(|span| span.end_ms()).max().unwrap();
        let outcome = |span: &&Made| {
            span.extra
                .invocation_outcome
                .unwrap_or(if span.is_error { "error" } else { "ok" })
        };
        let worst = ["ok", "error", "crash", "timeout", "out_of_memory"];
        let outcome = spans
            .iter()
            .map(outcome)
            .max_by_key(|outcome| worst.iter().position(|known| known == outcome));
        vec![
            json!(request[..8]),
            json!(request),
            json!(spans[0].service),
            json!(since_1970_ns(start_ms)),
            json!(ns(end_ms - start_ms)),
            json!(outcome),
            json!(spans[0].trace_id),
            json!(hex(spans[0].id)),
        ]
    };
    requests.into_iter().map(row).collect()
}

/// Links that lead to a span that is stored.
fn senders<'a>(spans: &[&'a Made], span: &Made) -> Vec<&'a Made> {
    let links = delivery(span).map_or(&[][..], |_| span.links.as_slice());
    links
        .iter()
        .filter_map(|(trace_id, id)| find(spans, trace_id, *id))
        .collect()
}

fn is_same(one: &Made, other: &Made) -> bool {
    std::ptr::eq(one, other)
}

/// A trace, and all that followed from it.
fn reached<'a>(spans: &[&'a Made], root: &str) -> Vec<&'a Made> {
    let mut reached: Vec<&Made> = spans
        .iter()
        .copied()
        .filter(|span| span.trace_id == root)
        .collect();
    loop {
        let is_in = |span: &Made| reached.iter().any(|known| is_same(known, span));
        let follows = |span: &&&Made| {
            let parent = span.parent.and_then(|id| find(spans, &span.trace_id, id));
            !is_in(span) && senders(spans, span).into_iter().chain(parent).any(is_in)
        };
        let more: Vec<&Made> = spans.iter().filter(follows).copied().collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}

pub(super) fn workflows(spans: &[Made]) -> Vec<Row> {
    let spans = unique(spans);
    let linked: BTreeSet<&str> = spans
        .iter()
        .filter(|span| {
            senders(&spans, span)
                .iter()
                .any(|sender| sender.trace_id != span.trace_id)
        })
        .map(|span| span.trace_id.as_str())
        .collect();
    let traces: BTreeSet<&str> = spans.iter().map(|span| span.trace_id.as_str()).collect();
    traces
        .difference(&linked)
        .map(|root| workflow(&spans, root))
        .collect()
}

fn workflow(spans: &[&Made], root: &str) -> Row {
    let own = reached(spans, root);
    let start_ms = own.iter().map(|span| span.start_ms).min().unwrap();
    let end_ms = own.iter().map(|span| span.end_ms()).max().unwrap();
    let hops = all_hops(spans);
    let hops: Vec<_> = hops
        .iter()
        .filter(|hop| own.iter().any(|span| is_same(span, hop.consumer)))
        .collect();
    // A millisecond of which a message waits through the whole.
    let is_wait = |ms: &i64| {
        hops.iter().any(|hop| {
            hop.sent_ms
                .is_some_and(|sent_ms| (sent_ms..hop.received_ms).contains(ms))
        })
    };
    let earliest = hops.iter().filter_map(|hop| hop.sent_ms).min().unwrap_or(0);
    let latest = hops.iter().map(|hop| hop.received_ms).max().unwrap_or(0);
    let messages: BTreeSet<_> = hops.iter().map(|hop| (hop.queue, hop.own_id())).collect();
    let services: BTreeSet<&str> = own.iter().map(|span| span.service).collect();
    let traces: BTreeSet<&str> = own.iter().map(|span| span.trace_id.as_str()).collect();
    let has_root = own
        .iter()
        .any(|span| span.trace_id == root && span.parent.is_none());
    vec![
        json!(root[..8]),
        json!(root),
        json!(since_1970_ns(start_ms)),
        json!(ns(end_ms - start_ms)),
        json!(ns(i64::try_from(
            (earliest..latest).filter(is_wait).count()
        )
        .unwrap())),
        json!(traces.len()),
        json!(own.len()),
        json!(own.iter().filter(|span| span.is_error).count()),
        json!(messages.len()),
        json!(services),
        json!(has_root && !own.iter().any(|span| is_orphan(spans, span))),
    ]
}
