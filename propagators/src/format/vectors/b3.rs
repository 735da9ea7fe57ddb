//! Of `opentelemetry-zipkin` 0.33.0 (`src/propagator/mod.rs`) and PyPI's `opentelemetry-propagator-b3` 1.45.1
//! (`tests/test_b3_format.py`). Where they differ the B3 specification decides:
//! <https://github.com/openzipkin/b3-propagation>.

use super::{extract, inject};
use crate::format::Sampling::{Debug, Deferred, Flag, Only};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
const YES: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const NO: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
const LATER: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00 deferred";
const DEBUG: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 debug";

#[track_caller]
fn single(rows: &[(&str, &str)]) {
    for (value, expected) in rows {
        // Both names read both encodings.
        extract("b3", &[(&[("b3", value)], expected)]);
        extract("b3multi", &[(&[("b3", value)], expected)]);
    }
}

/// Trace id, span id, sampled, flags, parent; then what is found.
type Several<'a> = ([Option<&'a str>; 5], &'a str);

#[track_caller]
fn several(rows: &[Several<'_>]) {
    const NAMES: [&str; 5] = [
        "X-B3-TraceId",
        "X-B3-SpanId",
        "X-B3-Sampled",
        "X-B3-Flags",
        "X-B3-ParentSpanId",
    ];
    for (values, expected) in rows {
        let headers: Vec<_> = NAMES.into_iter().zip(values).collect();
        let headers: Vec<_> = headers
            .into_iter()
            .filter_map(|(name, value)| Some((name, (*value)?)))
            .collect();
        extract("b3multi", &[(&headers, expected)]);
        extract("b3", &[(&headers, expected)]);
    }
}

#[rustfmt::skip]
#[test]
fn zipkin_single_header_extract_data() {
    single(&[
        ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", LATER),
        ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", NO),
        ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", YES),
        ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d", DEBUG),
        ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1-00000000000000cd", YES),
        ("a3ce929d0e0e4736-00f067aa0ba902b7-1-00000000000000cd", "0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("0", "new only 0"),
        ("1", "new only 1"),
        ("d", "new debug"),
        ("-", "new invalid"),
    ]);
}

#[rustfmt::skip]
#[test]
fn zipkin_single_header_extract_invalid_data() {
    let bad = "new invalid";
    single(&[
        ("ab00000000000000000000000000000000-cd00000000000000-1", bad),
        ("ab000000000000000000000000000000-cd0000000000000000-1", bad),
        ("00-ab000000000000000000000000000000-cd00000000000000-01", bad),
        ("ab000000000000000000000000000000-cd00000000000000-1-cd0000000000000000", bad),
        ("qw000000000000000000000000000000-cd00000000000000-1", bad),
        ("ab000000000000000000000000000000-qw00000000000000-1", bad),
        ("ab000000000000000000000000000000-cd00000000000000-q", bad),
        ("AB000000000000000000000000000000-cd00000000000000-1", bad),
        ("ab000000000000000000000000000000-CD00000000000000-1", bad),
        ("ab000000000000000000000000000000-cd00000000000000-1-EF00000000000000", bad),
        ("ab000000000000000000000000000000-cd00000000000000-true", bad),
        // Beside theirs.
        ("", bad),
        ("2", bad),
        ("00000000000000000000000000000000-cd00000000000000-1", bad),
        ("ab000000000000000000000000000000-0000000000000000-1", bad),
        ("é", bad),
    ]);
}

#[rustfmt::skip]
#[test]
fn zipkin_multi_header_extract_data() {
    let (trace, span) = (Some(TRACE), Some(SPAN));
    several(&[
        ([trace, span, None, None, None], LATER),
        ([trace, span, Some("0"), None, None], NO),
        ([trace, span, Some("1"), None, None], YES),
        ([trace, span, Some("true"), None, None], YES),
        ([trace, span, Some("false"), None, None], NO),
        ([trace, span, None, Some("1"), None], DEBUG),
        ([trace, span, Some("0"), Some("1"), Some("00f067aa0ba90200")], DEBUG),
        ([trace, span, Some("1"), Some("2"), Some("00f067aa0ba90200")], YES),
        ([None, None, Some("0"), None, None], "new only 0"),
        ([None, None, Some("1"), None, None], "new only 1"),
        ([None, None, None, Some("1"), None], "new debug"),
    ]);
}

#[test]
fn zipkin_multi_header_extract_invalid_data() {
    let (trace, span, bad) = (Some(TRACE), Some(SPAN), "new invalid");
    let one = Some("1");
    several(&[
        ([None, None, None, None, None], "new"),
        ([None, span, None, None, None], bad),
        ([trace, None, None, None, None], bad),
        (
            [
                Some("ab00000000000000000000000000000000"),
                span,
                one,
                None,
                None,
            ],
            bad,
        ),
        (
            [
                Some("ab0000000000000000000000000000"),
                span,
                one,
                None,
                None,
            ],
            bad,
        ),
        ([Some("ab0000000000"), span, one, None, None], bad),
        ([trace, Some("cd0000000000000000"), one, None, None], bad),
        ([trace, span, Some("10"), None, None], bad),
        ([trace, span, Some("d"), None, None], bad),
        (
            [
                Some("4bf92f3577b34da6a3ce929d0e0e4hhh"),
                span,
                one,
                None,
                None,
            ],
            bad,
        ),
        (
            [
                Some("4BF92F3577B34DA6A3CE929D0E0E4736"),
                span,
                one,
                None,
                None,
            ],
            bad,
        ),
        ([trace, Some("00F067AA0BA902B7"), one, None, None], bad),
    ]);
}

#[rustfmt::skip]
#[test]
fn zipkin_single_multi_header_extract_data() {
    let single = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";
    let rows: [(&[(&str, &str)], &str); 3] = [
        (&[ ("x-b3-traceid", TRACE), ("x-b3-spanid", SPAN), ("b3", single), ], NO),
        (
            &[
                ("x-b3-traceid", TRACE),
                ("x-b3-spanid", SPAN),
                ("x-b3-sampled", "0"),
                ("b3", "-"),
            ],
            NO,
        ),
        (
            &[
                ("x-b3-traceid", "0"),
                ("x-b3-spanid", "0"),
                ("x-b3-sampled", "0"),
                ("b3", single),
            ],
            NO,
        ),
    ];
    extract("b3", &rows);
    extract("b3multi", &rows);
}

/// Python takes a single header without a decision for sampled, and `d` under `x-b3-sampled`: the specification says
/// "deferred", and knows no `d` there.
#[rustfmt::skip]
#[test]
fn python_abstract_b3_format_test_case() {
    let (trace, span) = (Some(TRACE), Some(SPAN));
    let bad = "new invalid";
    several(&[
        // test_extract_multi_header, test_enabled_sampling, test_disabled_sampling
        ([trace, span, Some("1"), None, None], YES),
        ([trace, span, Some("True"), None, None], YES),
        ([trace, span, Some("False"), None, None], NO),
        // test_flags, test_flags_and_sampling
        ([trace, span, None, Some("1"), None], DEBUG),
        // test_64bit_trace_id
        ([Some(&TRACE[..16]), span, None, Some("1"), None], "00000000000000004bf92f3577b34da6-00f067aa0ba902b7-01 debug"),
        // test_extract_{missing,invalid}_{trace,span}_id
        ([None, span, None, Some("1"), None], bad),
        ([Some("abc123"), span, None, Some("1"), None], bad),
        ([trace, Some("abc123"), None, Some("1"), None], bad),
        ([trace, None, None, Some("1"), None], bad),
    ]);
    // test_extract_single_header, test_extract_invalid_single_header
    single(&[
        ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", YES),
        ("0-1-2-3-4-5-6-7", bad),
    ]);
    // test_extract_header_precedence
    let other = "4bf92f3577b34da6a3ce929d0e0e4123-00f067aa0ba902b7";
    extract(
        "b3",
        &[(
            &[
                ("b3", other),
                ("x-b3-traceid", TRACE),
                ("x-b3-spanid", SPAN),
                ("x-b3-sampled", "1"),
            ],
            "4bf92f3577b34da6a3ce929d0e0e4123-00f067aa0ba902b7-00 deferred",
        )],
    );
}

#[test]
fn two_headers_are_none() {
    let one = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1";
    extract("b3", &[(&[("b3", one), ("b3", one)], "new invalid")]);
}

#[rustfmt::skip]
#[test]
fn zipkin_single_header_inject_data() {
    inject(
        "b3",
        &[
            (YES, Flag, &[("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1")]),
            (YES, Debug, &[("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d")]),
            (NO, Deferred, &[("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")]),
            (NO, Flag, &[("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0")]),
            ("none", Only(true), &[("b3", "1")]),
            ("none", Only(false), &[("b3", "0")]),
            // Beside theirs: the random flag of W3C is no decision of B3.
            ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", Flag, &[("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1")]),
        ],
    );
}

#[test]
fn zipkin_multi_header_inject_data() {
    let (trace, span) = (("x-b3-traceid", TRACE), ("x-b3-spanid", SPAN));
    let (sampled, flags) = ("x-b3-sampled", "x-b3-flags");
    inject(
        "b3multi",
        &[
            (YES, Flag, &[(sampled, "1"), span, trace]),
            (YES, Debug, &[(flags, "1"), span, trace]),
            (NO, Deferred, &[span, trace]),
            (NO, Flag, &[(sampled, "0"), span, trace]),
            ("none", Only(false), &[(sampled, "0")]),
            ("none", Only(true), &[(sampled, "1")]),
            // test_inject_empty_context
            ("none", Flag, &[]),
        ],
    );
}
