//! Reading and writing trace context, beside `opentelemetry_sdk` and `aws_lambda_events` in the same run.

use std::collections::HashMap;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use aws_lambda_events::sqs::SqsEvent;
use baton_propagators::carrier::HeaderExtractor;
use baton_propagators::context::TraceContext;
use baton_propagators::event::Event;
use baton_propagators::format::{Format, Propagator};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use crate::bodies;
use crate::figures::Figures;
use crate::inputs::{self, TRACEPARENT, TRACESTATE};

/// Many short runs: in one of a few milliseconds hardly anything else of the machine has its turn.
const RUNS: usize = 151;
const ROUNDS: u32 = 20_000;
const EVENT_ROUNDS: u32 = 40;
const EVENT_BYTES: usize = 256 * 1024;

pub(crate) fn measure() -> Result<Figures> {
    let mut figures = Figures::default();
    extract(&mut figures);
    inject(&mut figures);
    events(&mut figures)?;
    for (metric, count) in allocations()? {
        figures.add(
            metric,
            vec![count],
            (metric != "sqs10_allocs").then_some("0"),
        );
    }
    Ok(figures)
}

/// Out of the headers of a request.
fn extract(figures: &mut Figures) {
    let parse = || drop(black_box(TraceContext::parse(black_box(TRACEPARENT), None)));
    let parse = (0..RUNS).map(|_| time(ROUNDS, parse)).collect();
    figures.add("parse_traceparent_ns", parse, None);

    let theirs = TraceContextPropagator::new();
    let ours = Propagator::from(Format::TraceContext);

    let headers = inputs::headers(TRACEPARENT, None);
    let carrier = HeaderExtractor(&headers);
    let peer = || drop(black_box(theirs.extract(black_box(&carrier))));
    let own = || drop(black_box(TraceContext::extract(black_box(&headers))));
    figures.add_pair(
        ["extract_ns", "extract_otel_ns"],
        ("extract_ratio", Some("≥ 3")),
        &versus(ROUNDS, own, peer),
    );
    let traits = || drop(black_box(ours.extract(black_box(&carrier))));
    figures.add_pair(
        ["extract_traits_ns", ""],
        ("extract_traits_ratio", None),
        &versus(ROUNDS, traits, peer),
    );

    let headers = inputs::headers(TRACEPARENT, Some(TRACESTATE));
    let carrier = HeaderExtractor(&headers);
    let peer = || drop(black_box(theirs.extract(black_box(&carrier))));
    let own = || drop(black_box(TraceContext::extract(black_box(&headers))));
    figures.add_pair(
        ["extract_state_ns", "extract_state_otel_ns"],
        ("extract_state_ratio", None),
        &versus(ROUNDS, own, peer),
    );
}

/// Into the map that OpenTelemetry's own propagators are used with, which is used again and again on both sides.
fn inject(figures: &mut Figures) {
    let Ok(context) = TraceContext::parse(TRACEPARENT, None) else {
        return;
    };
    let span = SpanContext::from(&context);
    let cx = opentelemetry::Context::new().with_remote_span_context(span);
    let theirs = TraceContextPropagator::new();
    let ours = Propagator::from(Format::TraceContext);

    let (mut map, mut other) = (HashMap::new(), HashMap::new());
    let own = || black_box(&context).inject(black_box(&mut map));
    let peer = || theirs.inject_context(black_box(&cx), black_box(&mut other));
    figures.add_pair(
        ["inject_ns", "inject_otel_ns"],
        ("inject_ratio", Some("≥ 3")),
        &versus(ROUNDS, own, peer),
    );

    let (mut map, mut other) = (HashMap::new(), HashMap::new());
    let traits = || ours.inject_context(black_box(&cx), black_box(&mut map));
    let peer = || theirs.inject_context(black_box(&cx), black_box(&mut other));
    figures.add_pair(
        ["inject_traits_ns", ""],
        ("inject_traits_ratio", None),
        &versus(ROUNDS, traits, peer),
    );
}

/// The contexts of a batch, beside parsing it into typed events.
fn events(figures: &mut Figures) -> Result<()> {
    let event = inputs::sqs_event(10, EVENT_BYTES * 3 / 4 / 10);
    let typed: SqsEvent = serde_json::from_slice(&event)?;
    ensure!(typed.records.len() == 10 && Event::parse(&event).records.len() == 10);
    figures.add("sqs10_event_kib", vec![event.len() as f64 / 1024.0], None);

    let own = || {
        let event = Event::parse(black_box(&event));
        black_box(event.relation());
    };
    let peer = || {
        drop(black_box(serde_json::from_slice::<SqsEvent>(black_box(
            &event,
        ))))
    };
    figures.add_pair(
        ["sqs10_ns", "sqs10_typed_ns"],
        ("sqs10_ratio", Some("≥ 10")),
        &versus(EVENT_ROUNDS, own, peer),
    );

    for (metric, event, contexts) in bodies::shapes(EVENT_BYTES * 3 / 4 / 10) {
        ensure!(Event::parse(&event).relation().links.len() == contexts);
        let own = || {
            let event = Event::parse(black_box(&event));
            black_box(event.relation());
        };
        let peer = || {
            let typed = serde_json::from_slice::<SqsEvent>(black_box(&event));
            drop(black_box(typed));
        };
        let turns = versus(EVENT_ROUNDS, own, peer);
        let ratios = turns.iter().map(|[own, peer]| peer / own).collect();
        figures.add(metric, ratios, None);
    }

    for (metric, messages, rounds) in [("read_sqs_1_ns", 1, 1000), ("read_sqs_10_ns", 10, 100)] {
        let event = inputs::sqs_event(messages, 1024);
        let read = || {
            let event = Event::parse(black_box(&event));
            black_box(event.relation());
        };
        figures.add(
            metric,
            (0..RUNS).map(|_| time(rounds, read)).collect(),
            None,
        );
    }
    Ok(())
}

/// Nanoseconds of both, turn by turn: what slows the machine down slows both of them down.
fn versus(rounds: u32, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> Vec<[f64; 2]> {
    // The first turn warms up.
    let mut turn = || [time(rounds, &mut ours), time(rounds, &mut theirs)];
    turn();
    (0..RUNS).map(|_| turn()).collect()
}

/// Nanoseconds a call.
fn time(rounds: u32, mut work: impl FnMut()) -> f64 {
    let started = Instant::now();
    (0..rounds).for_each(|_| work());
    started.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
}

/// Counted by a binary of its own, whose allocator is slower than the one that is measured here.
fn allocations() -> Result<Vec<(&'static str, f64)>> {
    let path = std::env::current_exe()?.with_file_name("allocations");
    let output = Command::new(&path).output();
    let output = output.with_context(|| {
        format!(
            "could not run `{}`; `cargo xtask bench propagators` builds it",
            path.display()
        )
    })?;
    let text = String::from_utf8(output.stdout)?;
    let count = |metric: &'static str| {
        let line = text.lines().find_map(|line| line.strip_prefix(metric));
        let count = line.with_context(|| format!("`{}` did not say `{metric}`", path.display()))?;
        Ok((metric, count.trim().parse()?))
    };
    ["extract_allocs", "inject_allocs", "sqs10_allocs"]
        .map(count)
        .into_iter()
        .collect()
}

impl Figures {
    /// Ours, theirs, and their time over ours, run by run.
    fn add_pair(
        &mut self,
        [own, peer]: [&'static str; 2],
        (ratio, target): (&'static str, Option<&'static str>),
        turns: &[[f64; 2]],
    ) {
        self.add(own, turns.iter().map(|[own, _]| *own).collect(), None);
        if !peer.is_empty() {
            self.add(peer, turns.iter().map(|[_, peer]| *peer).collect(), None);
        }
        self.add(
            ratio,
            turns.iter().map(|[own, peer]| peer / own).collect(),
            target,
        );
    }
}
