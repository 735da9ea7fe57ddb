//! Of `opentelemetry-jaeger-propagator` 0.32.0 (`src/propagator.rs`) and PyPI's `opentelemetry-propagator-jaeger` 1.45.1
//! (`tests/test_jaeger_propagator.py`). Where they differ Jaeger's own text decides:
//! <https://www.jaegertracing.io/sdk-migration/#value>.

use super::{extract, extracted, inject, injected};
use crate::{
    context::TraceContext,
    format::{
        Baggage, Outgoing,
        Sampling::{Debug, Deferred, Flag},
    },
};

const YES: &str = "000000000000004d0000000000000016-0000000000017c29-01";
const NO: &str = "000000000000004d0000000000000016-0000000000017c29-00";
const BAD: &str = "new invalid";

#[track_caller]
fn header(rows: &[(&str, &str)]) {
    for (value, expected) in rows {
        extract("jaeger", &[(&[("uber-trace-id", value)], expected)]);
    }
}

#[test]
fn rust_get_extract_data() {
    header(&[
        ("000000000000004d0000000000000016:0000000000017c29:0:1", YES),
        ("4d0000000000000016:0000000000017c29:0:1", YES),
        ("4d0000000000000016:17c29:0:1", YES),
        (
            "000000000000004d0000000000000016:0000000000017c29:0:3",
            "000000000000004d0000000000000016-0000000000017c29-01 debug",
        ),
        ("000000000000004d0000000000000016:0000000000017c29:0:0", NO),
        ("invalidtractid:0000000000017c29:0:0", BAD),
        ("000000000000004d0000000000000016:invalidspanID:0:0", BAD),
        (
            "000000000000004d0000000000000016:0000000000017c29:0:120",
            BAD,
        ),
    ]);
}

#[test]
fn rust_test_extract_span_context() {
    let short = "00000000000000000000000000012345-0000000000054321-01 debug";
    header(&[
        ("12345:54321:ignored_parent_span_id:3", short),
        ("12345%3A54321%3Aignored_parent_span_id%3A3", short),
        ("not:4:parts:long:delimited:by:colons", BAD),
        ("invalid_trace_id:54321:ignored_parent_span_id:3", BAD),
        ("12345:invalid_span_id:ignored_parent_span_id:3", BAD),
        ("12345:54321:ignored_parent_span_id:invalid_flag", BAD),
        // test_extract_trace_id, test_extract_span_id
        ("111111111111111111111111111111111:1:0:1", BAD),
        ("1:11111111111111111:0:1", BAD),
        // test_extract_trace_flags: debug without sampled is nothing
        (
            "1:1:0:2",
            "00000000000000000000000000000001-0000000000000001-00",
        ),
        // test_extract_too_many_parts
        (
            "000000000000004d0000000000000016:0000000000017c29:0:1:aa",
            BAD,
        ),
        // test_extract_from_url
        (
            "000000000000004d0000000000000016%3A0000000000017c29%3A0%3A1",
            YES,
        ),
    ]);
}

/// Theirs (`test_extract_invalid_flag`) refuses `aa`, because it reads decimal. Jaeger: "as one or two hex digits".
#[test]
fn flags_are_hexadecimal() {
    header(&[
        ("000000000000004d0000000000000016:0000000000017c29:0:aa", NO),
        (
            "000000000000004d0000000000000016:0000000000017c29:0:0b",
            "000000000000004d0000000000000016-0000000000017c29-01 debug",
        ),
        (
            "000000000000004d0000000000000016:0000000000017c29:0:+1",
            BAD,
        ),
        ("000000000000004d0000000000000016:0000000000017c29:0:", BAD),
    ]);
}

#[test]
fn rust_get_inject_data() {
    let header = "uber-trace-id";
    inject(
        "jaeger",
        &[
            (
                YES,
                Flag,
                &[(
                    header,
                    "000000000000004d0000000000000016:0000000000017c29:0:1",
                )],
            ),
            (
                NO,
                Flag,
                &[(
                    header,
                    "000000000000004d0000000000000016:0000000000017c29:0:0",
                )],
            ),
            (
                YES,
                Debug,
                &[(
                    header,
                    "000000000000004d0000000000000016:0000000000017c29:0:3",
                )],
            ),
            // Beside theirs: Jaeger has no word for it.
            (
                NO,
                Deferred,
                &[(
                    header,
                    "000000000000004d0000000000000016:0000000000017c29:0:0",
                )],
            ),
        ],
    );
}

#[test]
fn python_invalid_uber_trace_id_keeps_the_baggage() {
    for id in [
        "000000000000000000000000deadbeef:00000000deadbef0:00",
        "00000000000000000000000000000000:00000000deadbef0:00:00",
        "000000000000000000000000deadbeef:0000000000000000:00:00",
        "000000000000000000000000deadbeef:0000000000000000:00:xyz",
    ] {
        let found = extracted(
            "jaeger",
            &[("uber-trace-id", id), ("uberctx-key1", "value1")],
        );
        assert_eq!((found.context.is_none(), found.invalid), (true, 1), "{id}");
        assert_eq!(found.baggage.as_str(), "key1=value1");
    }
}

#[test]
fn python_baggage() {
    // test_baggage, test_non_string_baggage: out and in again
    let context = TraceContext::parse(&format!("00-{YES}"), None).unwrap();
    let mut baggage = Baggage::EMPTY;
    assert!(baggage.insert("key1", "1") && baggage.insert("key2", "a b,é"));
    let written = injected("jaeger", &Outgoing::new(&context).with_baggage(&baggage));
    assert_eq!(
        written[1..],
        [
            ("uberctx-key1".to_owned(), "1".to_owned()),
            ("uberctx-key2".to_owned(), "a%20b%2C%C3%A9".to_owned()),
        ]
    );
    let headers: Vec<_> = written
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(extracted("jaeger", &headers).baggage, baggage);

    // test_missing_carrier, test_extract_empty_baggage_value
    assert_eq!(extracted("jaeger", &[]).invalid, 0);
    let found = extracted(
        "jaeger",
        &[("Uberctx-Key3", "value3"), ("uberctx-", "no key")],
    );
    assert_eq!((found.baggage.as_str(), found.invalid), ("key3=value3", 1));
}

/// Theirs allows 180 entries of 4096 bytes; ours are those that W3C baggage has to hold.
#[test]
fn python_limits() {
    let many: Vec<_> = (0..200)
        .map(|n| (format!("uberctx-k{n}"), format!("v{n}")))
        .collect();
    let many: Vec<_> = many
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let found = extracted("jaeger", &many);
    assert_eq!(found.baggage.members().count(), 64);
    assert_eq!(found.baggage.get("k0").as_deref(), Some("v0"));
    assert_eq!(found.baggage.get("k180"), None);
    assert_eq!(found.invalid, 180 - 64);

    let big = "%C3%A9".repeat(2100);
    let found = extracted("jaeger", &[("uberctx-ok", "value"), ("uberctx-u", &big)]);
    assert_eq!(found.baggage.as_str(), "ok=value");
}
