//! Of `datadog-opentelemetry` 0.6.0 (`src/propagation/datadog.rs`, `tracecontext.rs`) and `opentelemetry-datadog` 0.20.1
//! (`src/lib.rs`).

use super::{extract, extracted, inject, injected, line};
use crate::{
    context::TraceContext,
    format::{
        Outgoing,
        Sampling::{Deferred, Flag},
    },
};

const TRACE: &str = "x-datadog-trace-id";
const PARENT: &str = "x-datadog-parent-id";
const PRIORITY: &str = "x-datadog-sampling-priority";
const ORIGIN: &str = "x-datadog-origin";
const TAGS: &str = "x-datadog-tags";
const BAD: &str = "new invalid";

/// Theirs makes a span context of a trace id alone, which is not valid: here it is none.
#[rustfmt::skip]
#[test]
fn opentelemetry_datadog_extract_test_data() {
    let ids = [(TRACE, "1234"), (PARENT, "12")];
    extract(
        "datadog",
        &[
            (&[], "new"),
            (&[(PRIORITY, "0")], "new"),
            (&[(TRACE, "garbage")], BAD),
            (&[(TRACE, "1234"), (PARENT, "garbage")], BAD),
            (&ids, "000000000000000000000000000004d2-000000000000000c-00 deferred"),
            (&[ids[0], ids[1], (PRIORITY, "0")], "000000000000000000000000000004d2-000000000000000c-00"),
            (&[ids[0], ids[1], (PRIORITY, "1")], "000000000000000000000000000004d2-000000000000000c-01"),
            // Beside theirs.
            (&[ids[0], ids[1], (PRIORITY, "2")], "000000000000000000000000000004d2-000000000000000c-01"),
            (&[ids[0], ids[1], (PRIORITY, "-1")], "000000000000000000000000000004d2-000000000000000c-00"),
            (&[(TRACE, "1234")], BAD),
            (&[(TRACE, "0"), (PARENT, "12")], BAD),
            (&[(TRACE, "1234"), (PARENT, "0")], BAD),
            (&[(TRACE, "+1234"), (PARENT, "12")], BAD),
            (&[(TRACE, "-1"), (PARENT, "12")], BAD),
            (&[(TRACE, ""), (PARENT, "12")], BAD),
            (&[(TRACE, "18446744073709551616"), (PARENT, "12")], BAD),
            (
                &[
                    (TRACE, "18446744073709551615"),
                    (PARENT, "18446744073709551615"),
                ],
                "0000000000000000ffffffffffffffff-ffffffffffffffff-00 deferred",
            ),
            (&[ (TRACE, "0"), (PARENT, "12"), (TAGS, "_dd.p.tid=640cfd8d00000000"), ], BAD),
        ],
    );
}

#[rustfmt::skip]
#[test]
fn opentelemetry_datadog_inject_test_data() {
    let (trace, parent) = ((TRACE, "1234"), (PARENT, "12"));
    let ids = "000000000000000000000000000004d2-000000000000000c";
    inject(
        "datadog",
        &[
            ("none", Flag, &[]),
            (&format!("{ids}-00"), Deferred, &[parent, trace]),
            (&format!("{ids}-00"), Flag, &[parent, (PRIORITY, "0"), trace]),
            (&format!("{ids}-01"), Flag, &[parent, (PRIORITY, "1"), trace]),
            // Theirs takes W3C's random flag for "deferred".
            (&format!("{ids}-03"), Flag, &[parent, (PRIORITY, "1"), trace]),
            // Beside theirs: 0 means "none" to Datadog.
            ("640cfd8d000000000000000000000000-000000000000000c-01", Flag, &[]),
        ],
    );
}

/// Priority, origin and tags, then ids and `tracestate`.
#[track_caller]
fn state(headers: &[(&str, &str)], ids: &str, expected: &str) {
    let all: Vec<_> = [(TRACE, "1234"), (PARENT, "5678")]
        .into_iter()
        .chain(headers.iter().copied())
        .collect();
    let found = extracted("datadog", &all);
    assert_eq!(line(&found), ids);
    assert_eq!(found.context.unwrap().state().as_str(), expected);
}

#[test]
fn dd_trace_extract() {
    let low = "000000000000000000000000000004d2-000000000000162e-01";
    let rest = [(PRIORITY, "1"), (ORIGIN, "synthetics")];
    // test_extract_datadog_propagator
    state(
        &[
            rest[0],
            rest[1],
            (TAGS, "_dd.p.test=value,_dd.p.tid=0000000000004321,any=tag"),
        ],
        "000000000000432100000000000004d2-000000000000162e-01",
        "dd=s:1;o:synthetics;t.test:value",
    );
    // test_extract_datadog_propagator_with_malformed_traceid
    for tid in ["4321", "000000000000432G", "0000000000004ABC", ""] {
        let tags = format!("_dd.p.test=value,_dd.p.tid={tid},any=tag");
        state(
            &[rest[0], rest[1], (TAGS, &tags)],
            low,
            "dd=s:1;o:synthetics;t.test:value",
        );
    }
    // test_extract_datadog_propagator_64_simple
    state(
        &[rest[0], rest[1], (TAGS, "_dd.p.test=value,any=tag")],
        low,
        "dd=s:1;o:synthetics;t.test:value",
    );
    // test_extract_datadog_propagator_very_long_tags, with the limit that they have by default
    let long = format!("_dd.p.test={}", "x".repeat(512));
    state(
        &[rest[0], rest[1], (TAGS, &long)],
        low,
        "dd=s:1;o:synthetics",
    );
    // test_extract_datadog_propagator_{incorrect,missing}_sampling_priority
    let undecided = "000000000000000000000000000004d2-000000000000162e-00 deferred";
    state(&[(PRIORITY, "incorrect")], undecided, "");
    state(&[], undecided, "");
}

/// test_inject_traceparent: what the entry may not hold.
#[test]
fn what_a_tracestate_may_not_hold_is_replaced() {
    state(
        &[
            (PRIORITY, "2"),
            (ORIGIN, "foo,bar="),
            (TAGS, "_dd.p.foo bar=abc~!@#$%^&*()_+`-=;"),
        ],
        "000000000000000000000000000004d2-000000000000162e-01",
        "dd=s:2;o:foo_bar~;t.foo_bar:abc_!@#$%^&*()_+`-~_",
    );
    let long = "x".repeat(300);
    state(
        &[(PRIORITY, "1"), (ORIGIN, &long)],
        "000000000000000000000000000004d2-000000000000162e-01",
        "dd=s:1",
    );
}

#[track_caller]
fn from_state(parent: &str, state: &str, expected: &[(&str, &str)]) {
    let context = TraceContext::parse(parent, Some(state)).unwrap();
    let written = injected("datadog", &Outgoing::new(&context));
    let written: Vec<_> = written
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| ![TRACE, PARENT].contains(name))
        .collect();
    assert_eq!(written, expected, "{state}");
}

#[test]
fn dd_trace_inject() {
    let short = "00-0000000000000000000000000000002a-000000000000162e-01";
    let long = "00-80f198ee56343ba864fe8b2a57d3eff7-00f067aa0ba902b7-01";
    // test_inject_datadog_propagator
    from_state(
        short,
        "dd=s:1;o:synthetics;t.test:value",
        &[
            (ORIGIN, "synthetics"),
            (PRIORITY, "1"),
            (TAGS, "_dd.p.test=value"),
        ],
    );
    // test_inject_datadog_propagator_128bit
    from_state(
        long,
        "dd=s:1;o:synthetics",
        &[
            (ORIGIN, "synthetics"),
            (PRIORITY, "1"),
            (TAGS, "_dd.p.tid=80f198ee56343ba8"),
        ],
    );
    // test_inject_datadog_decision_marker
    from_state(
        short,
        "dd=s:1;t.dm:-4",
        &[(PRIORITY, "1"), (TAGS, "_dd.p.dm=-4")],
    );
    // test_inject_datadog_remove_tid_propagation_tag
    from_state(
        short,
        "dd=s:1;t.tid:c0ffee;t.other:test",
        &[(PRIORITY, "1"), (TAGS, "_dd.p.other=test")],
    );
    // test_extract_traceparent_propagator: rum, kept by the user
    from_state(
        long,
        "dd=p:00f067aa0ba902b7;s:2;o:rum,foo=1",
        &[
            (ORIGIN, "rum"),
            (PRIORITY, "2"),
            (TAGS, "_dd.p.tid=80f198ee56343ba8"),
        ],
    );
    // test_extract_tracestate_keeps_first_dd_member
    from_state(
        short,
        "dd=s:2;o:new,foo=1,dd=s:-1;o:old",
        &[(ORIGIN, "new"), (PRIORITY, "2")],
    );
    // test_extract_traceparent_dm_default_with_tracestate_s_0, …_drop_dm_with_tracestate_s_1: the flag was set last
    from_state(
        short,
        "dd=s:0;t.dm:-4;t.x:~",
        &[(PRIORITY, "1"), (TAGS, "_dd.p.x==")],
    );
    from_state(
        &short.replace("-01", "-00"),
        "dd=s:1;t.dm:-4",
        &[(PRIORITY, "0")],
    );
    from_state(&short.replace("-01", "-00"), "dd=s:-1", &[(PRIORITY, "-1")]);
    // test_extract_tracestate_incorrect_priority
    from_state(short, "dd=s:incorrect", &[(PRIORITY, "1")]);
}

#[rustfmt::skip]
#[test]
fn in_and_out_again() {
    let headers = [
        (TRACE, "1234"),
        (PARENT, "5678"),
        (PRIORITY, "2"),
        (ORIGIN, "synthetics"),
        (TAGS, "_dd.p.tid=640cfd8d00000000,_dd.p.dm=-4,_dd.p.usr=YWxpY2U="),
    ];
    let found = extracted("datadog", &headers);
    let written = injected(
        "datadog",
        &Outgoing::new(found.context.as_ref().unwrap()).with(&found),
    );
    let mut expected = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    expected.sort();
    assert_eq!(written, expected);
}

#[rustfmt::skip]
#[test]
fn the_w3c_twin_brings_the_entries_of_others() {
    let found = extracted(
        "datadog,tracecontext",
        &[
            (TRACE, "1234"),
            (PARENT, "5678"),
            (PRIORITY, "1"),
            ("traceparent", "00-000000000000000000000000000004d2-000000000000162e-01"),
            ("tracestate", "dd=s:1;p:000000000000162e,congo=t61rcWkgMzE"),
        ],
    );
    assert!(found.others.is_empty());
    assert_eq!(
        found.context.unwrap().state().as_str(),
        "dd=s:1;p:000000000000162e,congo=t61rcWkgMzE"
    );
}
