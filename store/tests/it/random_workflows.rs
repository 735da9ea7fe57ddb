//! Every view, and `waterfall`, over small random workflows, beside the same answers worked out step by step.
//!
//! `BATON_TEST_SEEDS=20000` tries more of them.

use std::collections::{BTreeMap, BTreeSet};

use baton_store::query::execute;
use serde_json::{Value, json};

use crate::story::{START_MS, Told, tell};
use expected::{hops, traces};
use made::{Made, base_ms, workflow};
use messages::{dead_letters, queues, retries, service_edges, stuck_messages};
use spans::{invocations, n_plus_one, orphan_spans, workflows};
use waterfall::waterfall;

mod expected;
mod made;
mod messages;
mod spans;
mod waterfall;

/// For all of these a view is one query.
const SEEDS: u64 = 1_500;
/// `queues` and `service_edges` are a query for each seed.
const WINDOW_SEEDS: u64 = 60;
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
fn compare(view: &str, seeds: u64, found: &[Vec<Value>], expected: Expected) {
    let found = by_seed(found.to_vec());
    let is_tried = u64::try_from(found.len()).unwrap() * 50 > seeds;
    assert!(
        is_tried,
        "{view} has rows for {} of {seeds} seeds alone",
        found.len()
    );
    for seed in 0..seeds {
        let spans = workflow(seed);
        let expected = by_seed(expected(&spans)).remove(&made::name(seed));
        assert_eq!(
            found.get(&made::name(seed)),
            expected.as_ref(),
            "{view}, seed {seed}: {spans:#?}"
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "the one variable of these tests")]
fn seeds(by_default: u64) -> u64 {
    std::env::var("BATON_TEST_SEEDS")
        .ok()
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(by_default)
}

fn tell_all(seeds: u64) -> Told {
    let told = tell(&[]);
    let all: Vec<Made> = (0..seeds).flat_map(workflow).collect();
    for some in all.chunks(2_000) {
        told.add(&some.iter().map(Made::span).collect::<Vec<_>>());
    }
    told
}

type Expected = fn(&[Made]) -> Vec<Vec<Value>>;

const VIEWS: [(&str, &str, Expected); 9] = [
    (
        "traces",
        "SELECT trace_id[:8], trace_id, root_service, root_name, epoch_ms(start_time), duration_ns, span_count, error_count, services, complete FROM traces",
        traces,
    ),
    (
        "hops",
        "SELECT consumer_trace_id[:8], queue, message_id, receive_count, lag_ns, duration_ns, batch_size, outcome, error, dead_letter_source,
           producer_trace_id, producer_span_id, producer_service, consumer_trace_id, consumer_span_id FROM hops",
        hops,
    ),
    ("orphan_spans", "SELECT trace_id[:8], trace_id, span_id, parent_span_id, start_time_ns FROM orphan_spans", orphan_spans),
    (
        "n_plus_one",
        "SELECT trace_id[:8], trace_id, parent_span_id, statement, repeats, total_ns, concurrent FROM n_plus_one",
        n_plus_one,
    ),
    (
        "invocations",
        "SELECT request_id[:8], request_id, function, start_time_ns, duration_ns, outcome, trace_id, span_id FROM invocations",
        invocations,
    ),
    (
        "retries",
        "SELECT consumer_trace_id[:8], queue, message_id, deliveries, failures, epoch_ms(first_received_time), epoch_ms(last_received_time), error,
           producer_trace_id, consumer_trace_id, consumer_span_id, redrives, outcome FROM retries",
        retries,
    ),
    (
        "dead_letters",
        "SELECT consumer_trace_id[:8], queue, message_id, deliveries, failures, epoch_ms(first_received_time), epoch_ms(last_received_time), error,
           producer_trace_id, consumer_trace_id, consumer_span_id, dead_letter_queue, evidence FROM dead_letters",
        dead_letters,
    ),
    (
        "stuck_messages",
        "SELECT producer_trace_id[:8], queue, message_id, epoch_ms(sent_time), messages, producer_trace_id, producer_span_id, producer_service
         FROM stuck_messages",
        stuck_messages,
    ),
    (
        "workflows",
        "SELECT workflow_id[:8], workflow_id, start_time_ns, duration_ns, wait_ns, trace_count, span_count, error_count, message_count, services, complete
         FROM workflows",
        workflows,
    ),
];

#[test]
fn as_worked_out_step_by_step() {
    let seeds = seeds(SEEDS);
    let told = tell_all(seeds);
    for (view, sql, expected) in VIEWS {
        compare(view, seeds, &ask(&told, sql, &[]), expected);
    }
}

#[test]
fn windows_as_worked_out_step_by_step() {
    let seeds = seeds(WINDOW_SEEDS).min(WINDOW_SEEDS);
    let told = tell_all(seeds);
    for seed in 0..seeds {
        let spans = workflow(seed);
        let since = (START_MS + base_ms(seed)) * 1_000;
        let window = format!(
            "(since := make_timestamptz({since}), until := make_timestamptz({}))",
            since + 900_000
        );
        for (view, columns, expected) in [
            (
                "queues",
                "queue, messages, deliveries, lag_p50_ns, lag_p95_ns, failures, retries, dead_letters, unconsumed, epoch_ms(oldest_unconsumed_time)",
                queues(seed, &spans),
            ),
            (
                "service_edges",
                "caller, callee, via, calls, errors, p50_ns, p99_ns, lag_p95_ns",
                service_edges(seed, &spans),
            ),
        ] {
            let found = ask(
                &told,
                &format!(
                    "SELECT '{}', {columns} FROM {view}{window}",
                    made::name(seed)
                ),
                &[],
            );
            assert_eq!(
                by_seed(found),
                by_seed(expected),
                "{view}, seed {seed}: {spans:#?}"
            );
        }
    }
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
