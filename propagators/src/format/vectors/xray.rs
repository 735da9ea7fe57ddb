//! Of `opentelemetry-aws` 0.21.0 (`src/trace/xray_propagator.rs`) and PyPI's `opentelemetry-propagator-aws-xray` 1.0.2
//! (`tests/test_aws_xray_propagator.py`, `tests/test_aws_xray_lambda_propagator.py`).

use super::{extract, extracted, inject, injected};
use crate::{
    context::TraceContext,
    format::{
        Outgoing,
        Sampling::{Debug, Deferred, Flag, Only},
    },
};

const NAME: &str = "X-Amzn-Trace-Id";
const BAD: &str = "new invalid";

#[track_caller]
fn header(rows: &[(&str, &str)]) {
    for (value, expected) in rows {
        extract("xray", &[(&[(NAME, value)], expected)]);
        extract(
            "xray-lambda",
            &[(&[("Lambda-Runtime-Trace-Id", value)], expected)],
        );
    }
}

/// Theirs makes a span context of a trace id alone, which is not valid: here it is none.
#[test]
fn rust_extract_test_data() {
    let root = "Root=1-58406520-a006649127e371903a2de979";
    let no = "58406520a006649127e371903a2de979-4c721bf33e3caf8f-00";
    let yes = "58406520a006649127e371903a2de979-4c721bf33e3caf8f-01";
    let later = "58406520a006649127e371903a2de979-4c721bf33e3caf8f-00 deferred";
    header(&[
        ("", BAD),
        ("Sampled=1;Self=foo", BAD),
        ("Root=1-bogus-bad", BAD),
        ("Root=1-too-many-parts", BAD),
        (&format!("{root};Parent=garbage"), BAD),
        (&format!("{root};Sampled=1"), "new"),
        (&format!("{root};Parent=4c721bf33e3caf8f;Sampled=0"), no),
        (&format!("{root};Parent=4c721bf33e3caf8f;Sampled=1"), yes),
        (&format!("{root};Parent=4c721bf33e3caf8f"), later),
        (&format!("{root};Parent=4c721bf33e3caf8f;Sampled=?"), later),
        (
            &format!(
                "{root};Self=1-58406520-bf42676c05e20ba4a90e448e;Parent=4c721bf33e3caf8f;Sampled=1"
            ),
            yes,
        ),
        (
            &format!(
                "{root};Self=1-58406520-bf42676c05e20ba4a90e448e;Parent=4c721bf33e3caf8f;Sampled=1;RandomKey=RandomValue"
            ),
            yes,
        ),
    ]);
}

#[test]
fn rust_inject_test_data() {
    let ids = "58406520a006649127e371903a2de979-4c721bf33e3caf8f";
    let header = |sampled| {
        format!(
            "Root=1-58406520-a006649127e371903a2de979;Parent=4c721bf33e3caf8f;Sampled={sampled}"
        )
    };
    let name = "x-amzn-trace-id";
    inject(
        "xray",
        &[
            ("none", Flag, &[]),
            ("none", Only(true), &[]),
            (&format!("{ids}-00"), Flag, &[(name, &header("0"))]),
            (&format!("{ids}-01"), Flag, &[(name, &header("1"))]),
            (&format!("{ids}-00"), Deferred, &[(name, &header("?"))]),
            // The vector that theirs fails: W3C's random flag is no "deferred".
            (&format!("{ids}-03"), Flag, &[(name, &header("1"))]),
            (&format!("{ids}-02"), Flag, &[(name, &header("0"))]),
            (&format!("{ids}-01"), Debug, &[(name, &header("1"))]),
        ],
    );
}

/// Theirs gives keys a case of its own (`Randomkey`): here they are handed on as they came, in order.
#[test]
fn unknown_keys_are_handed_on_as_they_came() {
    let rest = "Self=1-58406520-bf42676c05e20ba4a90e448e;RandomKey=RandomValue;Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2";
    let value = format!(
        "Root=1-58406520-a006649127e371903a2de979;Parent=4c721bf33e3caf8f;Sampled=1;{rest}"
    );
    for format in ["xray", "xray-lambda"] {
        let name = if format == "xray" {
            NAME
        } else {
            "Lambda-Runtime-Trace-Id"
        };
        let found = extracted(format, &[(name, &value)]);
        assert_eq!(found.extra.xray, rest);
        let child = found.context.clone().unwrap();
        assert_eq!(
            injected(format, &Outgoing::new(&child).with(&found)),
            [("x-amzn-trace-id".to_owned(), value.clone())]
        );
    }
    // A load balancer in front of the function: a trace without a span, and what has to be kept all the same.
    let found = extracted(
        "xray",
        &[(
            NAME,
            "Root=1-58406520-a006649127e371903a2de979;Lineage=1:fe460cdd:0",
        )],
    );
    assert_eq!((found.context.is_none(), found.invalid), (true, 0));
    assert_eq!(found.extra.xray, "Lineage=1:fe460cdd:0");
}

#[test]
fn what_is_kept_is_bounded_and_fits_into_a_header() {
    let long = format!("Lineage=1:fe460cdd:0;a={};b=1", "x".repeat(2000));
    assert_eq!(
        extracted("xray", &[("AWSTraceHeader", &long)]).extra.xray,
        ""
    );
    let value = format!("Root=1-58406520-a006649127e371903a2de979;{long};c=é");
    assert_eq!(
        extracted("xray", &[("AWSTraceHeader", &value)]).extra.xray,
        "Lineage=1:fe460cdd:0;b=1"
    );
}

#[test]
fn python_extract() {
    let no = "8a3c60f7d188f8fa79d48a391a778fa6-53995c3f42cd8ad8-00";
    let yes = "8a3c60f7d188f8fa79d48a391a778fa6-53995c3f42cd8ad8-01";
    header(&[
        // test_extract_{not_sampled,sampled}_context, _different_order, _with_additional_fields, _with_extra_whitespace
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad8;Sampled=0",
            no,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad8;Sampled=1",
            yes,
        ),
        (
            "Sampled=0;Parent=53995c3f42cd8ad8;Root=1-8a3c60f7-d188f8fa79d48a391a778fa6",
            no,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad8;Sampled=0;Foo=Bar",
            no,
        ),
        (
            "  Root  =  1-8a3c60f7-d188f8fa79d48a391a778fa6  ;  Parent  =  53995c3f42cd8ad8  ;  Sampled  =  0   ",
            no,
        ),
        // test_extract_invalid_to_explicit_ctx
        (
            "Root=1-12345678-abcdefghijklmnopqrstuvwx;Parent=53995c3f42cd8ad8;Sampled=0",
            BAD,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa600;Parent=53995c3f42cd8ad8;Sampled=0",
            BAD,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=abcdefghijklmnop;Sampled=0",
            BAD,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad800;Sampled=0",
            BAD,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad8;Sampled=",
            BAD,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad8;Sampled=011",
            BAD,
        ),
        (
            "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad8;Sampled=a",
            BAD,
        ),
        // Beside theirs: keys in another case, a `;` at the end.
        (
            "root=1-8a3c60f7-d188f8fa79d48a391a778fa6;PARENT=53995c3f42cd8ad8;sampled=1;",
            yes,
        ),
    ]);
    // test_extract_empty_carrier
    extract("xray", &[(&[], "new")]);
}

#[test]
fn python_lambda() {
    // test_extract_no_environment_variable, test_extract_from_environment_variable
    extract("xray-lambda", &[(&[], "new")]);
    let value =
        "Root=1-00000001-d188f8fa79d48a391a778fa6;Parent=53995c3f42cd8ad8;Sampled=1;Foo=Bar";
    let ids = "00000001d188f8fa79d48a391a778fa6-53995c3f42cd8ad8-01";
    extract("xray-lambda", &[(&[("_X_AMZN_TRACE_ID", value)], ids)]);

    // test_add_link_from_environment_variable: the other one is not lost
    let found = extracted(
        "xray-lambda,xray",
        &[
            (
                "_X_AMZN_TRACE_ID",
                "Root=1-00000002-240000000000000000000002;Parent=1600000000000002;Sampled=1;Foo=Bar",
            ),
            (
                NAME,
                "Root=1-00000001-240000000000000000000001;Parent=1600000000000001;Sampled=1",
            ),
        ],
    );
    let span = |context: &TraceContext<'_>| context.span_id().to_string();
    assert_eq!(
        found.context.as_ref().map(span).as_deref(),
        Some("1600000000000002")
    );
    let others: Vec<_> = found
        .others
        .iter()
        .map(|(_, context)| span(context))
        .collect();
    assert_eq!(others, ["1600000000000001"]);
}

/// AWS writes `Sampled=0` where nobody decided: it never overrides a W3C context.
#[test]
fn a_w3c_decision_stands() {
    let found = extracted(
        "tracecontext,xray-lambda",
        &[
            (
                "traceparent",
                "00-8a3c60f7d188f8fa79d48a391a778fa6-53995c3f42cd8ad8-01",
            ),
            (
                "Lambda-Runtime-Trace-Id",
                "Root=1-8a3c60f7-d188f8fa79d48a391a778fa6;Parent=1600000000000002;Sampled=0",
            ),
        ],
    );
    assert_eq!(
        super::line(&found),
        "8a3c60f7d188f8fa79d48a391a778fa6-53995c3f42cd8ad8-01"
    );
    assert!(found.others.is_empty());
}
