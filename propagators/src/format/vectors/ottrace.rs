//! Of PyPI's `opentelemetry-propagator-ot-trace` 0.66b1 (`tests/test_ot_trace_propagator.py`).

use super::{extract, extracted, inject, injected};
use crate::{
    context::TraceContext,
    format::{Baggage, Outgoing, Sampling::Flag},
};

const LONG: &str = "80f198ee56343ba864fe8b2a57d3eff7";
const SPAN: &str = "e457b5a2e4d86bd1";

#[track_caller]
fn ids(rows: &[(&str, &str, &str, &str)]) {
    for (trace, span, sampled, expected) in rows {
        let headers = [
            ("ot-tracer-traceid", *trace),
            ("ot-tracer-spanid", *span),
            ("ot-tracer-sampled", *sampled),
        ];
        extract("ottrace", &[(&headers, expected)]);
    }
}

#[test]
fn extract_trace_id_span_id() {
    let bad = "new invalid";
    ids(&[
        // test_extract_trace_id_span_id_sampled_{true,false}
        (
            LONG,
            SPAN,
            "true",
            "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01",
        ),
        (
            LONG,
            SPAN,
            "false",
            "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-00",
        ),
        // test_extract_invalid_trace_header
        ("abc123!", SPAN, "false", bad),
        ("64fe8b2a57d3eff7", "abc123!", "false", bad),
        ("00000000000000000000000000000000", SPAN, "false", bad),
        ("64fe8b2a57d3eff7", "0000000000000000", "false", bad),
        // Beside theirs.
        (
            "1",
            "2",
            "1",
            "00000000000000000000000000000001-0000000000000002-00",
        ),
        ("ABC", SPAN, "true", bad),
        ("", SPAN, "true", bad),
        ("111111111111111111111111111111111", SPAN, "true", bad),
        (LONG, "11111111111111111", "true", bad),
    ]);
    // test_extract_empty
    extract(
        "ottrace",
        &[(&[], "new"), (&[("ot-tracer-sampled", "true")], "new")],
    );
}

/// Theirs writes `1` and `2` for short ids; ours are padded, which every reader takes.
#[test]
fn inject_trace_id_span_id() {
    let fields = |sampled| {
        [
            ("ot-tracer-sampled", sampled),
            ("ot-tracer-spanid", SPAN),
            ("ot-tracer-traceid", "64fe8b2a57d3eff7"),
        ]
    };
    inject(
        "ottrace",
        &[
            (
                "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01",
                Flag,
                &fields("true"),
            ),
            (
                "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-00",
                Flag,
                &fields("false"),
            ),
            (
                "00000000000000000000000000000001-0000000000000002-01",
                Flag,
                &[
                    ("ot-tracer-sampled", "true"),
                    ("ot-tracer-spanid", "0000000000000002"),
                    ("ot-tracer-traceid", "0000000000000001"),
                ],
            ),
            // test_inject_invalid_trace_id; and one whose lower half is none
            ("none", Flag, &[]),
            (
                "80f198ee56343ba80000000000000000-e457b5a2e4d86bd1-01",
                Flag,
                &[],
            ),
        ],
    );
}

#[test]
fn inject_baggage() {
    let context = TraceContext::parse(&format!("00-{LONG}-{SPAN}-01"), None).unwrap();
    let mut baggage = Baggage::EMPTY;
    // test_inject_set_baggage, test_inject_invalid_baggage_{keys,values}
    assert!(baggage.insert("key", "value"));
    assert!(!baggage.insert("(", "value"));
    assert!(baggage.insert("greek", "α"));
    let written = injected("ottrace", &Outgoing::new(&context).with_baggage(&baggage));
    let baggage: Vec<_> = written
        .iter()
        .filter(|(name, _)| name.starts_with("ot-baggage-"))
        .collect();
    assert_eq!(
        baggage,
        [&("ot-baggage-key".to_owned(), "value".to_owned())]
    );
}

#[test]
fn extract_baggage() {
    let found = extracted(
        "ottrace",
        &[
            ("ot-tracer-traceid", "64fe8b2a57d3eff7"),
            ("ot-tracer-spanid", SPAN),
            ("ot-tracer-sampled", "false"),
            ("ot-baggage-abc", "abc"),
            ("ot-baggage-def", "def"),
        ],
    );
    assert!(found.context.is_some());
    let members: Vec<_> = found
        .baggage
        .members()
        .map(|member| (member.key(), member.value()))
        .collect();
    assert_eq!(members, [("abc", "abc".into()), ("def", "def".into())]);
}

/// test_extract_baggage_{count_capped_at_max,per_entry_byte_cap,total_byte_cap,oversized_flood_is_bounded}, with W3C's limits.
#[test]
fn baggage_is_bounded() {
    let third = "a".repeat(8192 / 3);
    let found = extracted(
        "ottrace",
        &[
            ("ot-baggage-k1", &third),
            ("ot-baggage-k2", &third),
            ("ot-baggage-k3", &third),
        ],
    );
    assert_eq!(found.baggage.members().count(), 2);
    assert_eq!(found.invalid, 1);

    let big = "a".repeat(9000);
    let flood: Vec<_> = (0..1000).map(|n| format!("ot-baggage-big{n}")).collect();
    let mut headers = vec![("ot-baggage-ok", "fits")];
    headers.extend(flood.iter().map(|name| (name.as_str(), big.as_str())));
    let found = extracted("ottrace", &headers);
    // Nobody looks at more than 180.
    assert_eq!((found.baggage.as_str(), found.invalid), ("ok=fits", 179));
}
