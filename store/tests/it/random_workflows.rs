//! `traces`, `hops` and `waterfall` over small random workflows, beside the same answers worked out step by step.

use std::collections::{BTreeMap, BTreeSet};

use baton_store::query::execute;
use serde_json::{Value, json};

use crate::story::{Told, tell};
use expected::{hops, traces};
use made::{Made, workflow};
use waterfall::waterfall;

mod expected;
mod made;
mod waterfall;

/// For all of these `hops` and `traces` are one query each.
const SEEDS: u64 = 1_500;
/// A waterfall is a query for each trace.
const WATERFALL_SEEDS: [u64; 26] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 196,
];

fn ask(told: &Told, sql: &str, params: &[Value]) -> Vec<Vec<Value>> {
    execute(told.store.connection(), sql, params).unwrap().rows
}

/// What belongs to one seed, sorted: the first column names it.
fn by_seed(rows: Vec<Vec<Value>>) -> BTreeMap<String, BTreeSet<String>> {
    let mut seeds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        let seed = row[0].as_str().unwrap().to_owned();
        let is_new = seeds
            .entry(seed)
            .or_default()
            .insert(json!(row).to_string());
        assert!(is_new, "twice: {row:?}");
    }
    seeds
}

#[track_caller]
fn compare(
    what: &str,
    seeds: u64,
    found: &[Vec<Value>],
    expected: impl Fn(&[Made]) -> Vec<Vec<Value>>,
) {
    let found = by_seed(found.to_vec());
    for seed in 0..seeds {
        let spans = workflow(seed);
        let expected = by_seed(expected(&spans));
        let found: BTreeMap<_, _> = found
            .iter()
            .filter(|(name, _)| **name == made::name(seed))
            .map(|(name, rows)| (name.clone(), rows.clone()))
            .collect();
        assert_eq!(found, expected, "{what}, seed {seed}: {spans:#?}");
    }
}

#[test]
fn as_worked_out_step_by_step() {
    let told = tell(&[]);
    let all: Vec<Made> = (0..SEEDS).flat_map(workflow).collect();
    for some in all.chunks(2_000) {
        told.add(&some.iter().map(Made::span).collect::<Vec<_>>());
    }
    let found = ask(
        &told,
        "SELECT trace_id[:8], trace_id, root_service, root_name, epoch_ms(start_time), duration_ns, span_count, error_count, services, complete FROM traces",
        &[],
    );
    compare("traces", SEEDS, &found, traces);
    let found = ask(
        &told,
        "SELECT consumer_trace_id[:8], queue, message_id, receive_count, lag_ns, batch_size, outcome,
           producer_trace_id, producer_span_id, producer_service, consumer_trace_id, consumer_span_id FROM hops",
        &[],
    );
    compare("hops", SEEDS, &found, hops);
}

#[test]
fn waterfalls_as_worked_out_step_by_step() {
    let told = tell(&[]);
    let all: Vec<Made> = WATERFALL_SEEDS.into_iter().flat_map(workflow).collect();
    told.add(&all.iter().map(Made::span).collect::<Vec<_>>());
    for seed in WATERFALL_SEEDS {
        let spans = workflow(seed);
        let ids: BTreeSet<String> = spans.iter().map(|span| span.trace_id.clone()).collect();
        for id in ids {
            let sql = "SELECT depth, kind_of_row, trace_id, span_id, queue, message_id, receive_count, start_time_ns, duration_ns, shared, linked
                       FROM waterfall(?) ORDER BY position";
            let found = ask(&told, sql, &[id.as_str().into()]);
            let expected = waterfall(&spans, &id);
            let text = |rows: &[Vec<Value>]| {
                rows.iter()
                    .map(|row| json!(row).to_string() + "\n")
                    .collect::<String>()
            };
            assert_eq!(
                text(&found),
                text(&expected),
                "seed {seed}, trace {id}: {spans:#?}"
            );
        }
    }
}
