//! The cases of the W3C trace-context harness (`test/test.py` at acab820, 2026-06-29), under their own names.
//!
//! The harness speaks HTTP; here the same headers go into a `HeaderMap`. Each case says what the harness asserts about
//! the outgoing headers: the trace continues with this `tracestate`, or a new trace starts.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::TraceContext;

const T: &str = "12345678901234567890123456789012";

/// `Continues(tracestate)`, or a new trace.
#[derive(Debug, PartialEq)]
enum Trace {
    Continues(String),
    New,
}
use Trace::New;

fn same(state: &str) -> Trace {
    Trace::Continues(state.to_owned())
}

fn receive(headers: &[(&str, &str)]) -> Trace {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        // Names are matched without case: `http` lower-cases them, as the event carrier's own test shows for JSON.
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    match TraceContext::extract(&map) {
        Ok(context) => {
            assert_eq!(context.trace_id().to_string(), T);
            assert_eq!(context.span_id().to_string(), "1234567890123456");
            Trace::Continues(context.state().as_str().to_owned())
        }
        Err(_) => New,
    }
}

#[track_caller]
fn parent(value: &str, expected: &Trace) {
    assert_eq!(&receive(&[("traceparent", value)]), expected, "{value:?}");
}

#[track_caller]
fn state(values: &[&str], expected: &str) {
    let parent = format!("00-{T}-1234567890123456-00");
    let mut headers = vec![("traceparent", parent.as_str())];
    headers.extend(values.iter().map(|value| ("tracestate", *value)));
    assert_eq!(receive(&headers), same(expected), "{values:?}");
}

macro_rules! parents {
    ($($name:ident: $($value:literal => $expected:expr),+;)+) => {
        $(#[test] fn $name() { $(parent($value, &$expected);)+ })+
    };
}

macro_rules! states {
    ($($name:ident: $($values:expr => $expected:expr),+;)+) => {
        $(#[test] fn $name() { $(state(&$values, $expected);)+ })+
    };
}

// ===== TraceContextTest =====

#[test]
fn test_both_traceparent_and_tracestate_missing() {
    assert_eq!(receive(&[]), New);
}

#[test]
fn test_traceparent_duplicated() {
    let first = "00-12345678901234567890123456789011-1234567890123456-01";
    let second = "00-12345678901234567890123456789012-1234567890123456-01";
    assert_eq!(
        receive(&[("traceparent", first), ("traceparent", second)]),
        New
    );
}

#[test]
fn test_traceparent_header_name() {
    let value = "00-12345678901234567890123456789012-1234567890123456-01";
    assert_eq!(receive(&[("trace-parent", value)]), New);
    assert_eq!(receive(&[("trace.parent", value)]), New);
}

#[test]
fn test_traceparent_header_name_valid_casing() {
    let value = "00-12345678901234567890123456789012-1234567890123456-01";
    for name in ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"] {
        assert_eq!(receive(&[(name, value)]), same(""));
    }
}

parents! {
    test_traceparent_included_tracestate_missing:
        "00-12345678901234567890123456789012-1234567890123456-01" => same("");
    test_traceparent_version_0x00:
        "00-12345678901234567890123456789012-1234567890123456-01." => New,
        "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like" => New;
    test_traceparent_version_0xcc:
        "cc-12345678901234567890123456789012-1234567890123456-01" => same(""),
        "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like" => same(""),
        "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like" => New;
    test_traceparent_version_0xff:
        "ff-12345678901234567890123456789012-1234567890123456-01" => New;
    test_traceparent_version_illegal_characters:
        ".0-12345678901234567890123456789012-1234567890123456-01" => New,
        "0.-12345678901234567890123456789012-1234567890123456-01" => New;
    test_traceparent_version_too_long:
        "000-12345678901234567890123456789012-1234567890123456-01" => New,
        "0000-12345678901234567890123456789012-1234567890123456-01" => New;
    test_traceparent_version_too_short:
        "0-12345678901234567890123456789012-1234567890123456-01" => New;
    test_traceparent_trace_id_all_zero:
        "00-00000000000000000000000000000000-1234567890123456-01" => New;
    test_traceparent_trace_id_illegal_characters:
        "00-.2345678901234567890123456789012-1234567890123456-01" => New,
        "00-1234567890123456789012345678901.-1234567890123456-01" => New;
    test_traceparent_trace_id_too_long:
        "00-123456789012345678901234567890123-1234567890123456-01" => New;
    test_traceparent_trace_id_too_short:
        "00-1234567890123456789012345678901-1234567890123456-01" => New;
    test_traceparent_parent_id_all_zero:
        "00-12345678901234567890123456789012-0000000000000000-01" => New;
    test_traceparent_parent_id_illegal_characters:
        "00-12345678901234567890123456789012-.234567890123456-01" => New,
        "00-12345678901234567890123456789012-123456789012345.-01" => New;
    test_traceparent_parent_id_too_long:
        "00-12345678901234567890123456789012-12345678901234567-01" => New;
    test_traceparent_parent_id_too_short:
        "00-12345678901234567890123456789012-123456789012345-01" => New;
    test_traceparent_trace_flags_illegal_characters:
        "00-12345678901234567890123456789012-1234567890123456-.0" => New,
        "00-12345678901234567890123456789012-1234567890123456-0." => New;
    test_traceparent_trace_flags_too_long:
        "00-12345678901234567890123456789012-1234567890123456-001" => New;
    test_traceparent_trace_flags_too_short:
        "00-12345678901234567890123456789012-1234567890123456-1" => New;
    test_traceparent_ows_handling:
        " 00-12345678901234567890123456789012-1234567890123456-01" => same(""),
        "\t00-12345678901234567890123456789012-1234567890123456-01" => same(""),
        "00-12345678901234567890123456789012-1234567890123456-01 " => same(""),
        "00-12345678901234567890123456789012-1234567890123456-01\t" => same(""),
        "\t 00-12345678901234567890123456789012-1234567890123456-01 \t" => same("");
}

#[test]
fn test_tracestate_included_traceparent_missing() {
    assert_eq!(receive(&[("tracestate", "foo=1")]), New);
    assert_eq!(receive(&[("tracestate", "foo=1,bar=2")]), New);
}

#[test]
fn test_tracestate_header_name() {
    let parent = "00-12345678901234567890123456789012-1234567890123456-00";
    for name in ["trace-state", "trace.state"] {
        assert_eq!(
            receive(&[("traceparent", parent), (name, "foo=1")]),
            same("")
        );
    }
}

#[test]
fn test_tracestate_header_name_valid_casing() {
    let parent = "00-12345678901234567890123456789012-1234567890123456-00";
    for name in ["TraceState", "TrAcEsTaTe", "TRACESTATE"] {
        assert_eq!(
            receive(&[("traceparent", parent), (name, "foo=1")]),
            same("foo=1")
        );
    }
}

states! {
    test_tracestate_included_traceparent_included:
        ["foo=1,bar=2"] => "foo=1,bar=2";
    test_tracestate_empty_header:
        [""] => "",
        ["foo=1", ""] => "foo=1",
        ["", "foo=1"] => "foo=1";
    test_tracestate_multiple_headers_different_keys:
        ["foo=1,bar=2", "rojo=1,congo=2", "baz=3"] => "foo=1,bar=2,rojo=1,congo=2,baz=3";
    // Both ways are allowed: keep duplicates, or drop them. We keep.
    test_tracestate_duplicated_keys:
        ["foo=1,foo=1"] => "foo=1,foo=1",
        ["foo=1,foo=2"] => "foo=1,foo=2",
        ["foo=1", "foo=1"] => "foo=1,foo=1",
        ["foo=1", "foo=2"] => "foo=1,foo=2";
    test_tracestate_key_illegal_characters:
        ["foo =1"] => "",
        ["FOO=1"] => "",
        ["foo.bar=1"] => "";
    test_tracestate_key_illegal_vendor_format:
        ["foo@=1,bar=2"] => "foo@=1,bar=2",
        ["@foo=1,bar=2"] => "",
        ["foo@@bar=1,bar=2"] => "foo@@bar=1,bar=2",
        ["foo@bar@baz=1,bar=2"] => "foo@bar@baz=1,bar=2";
    test_tracestate_value_illegal_characters:
        ["foo=bar=baz"] => "",
        ["foo=,bar=3"] => "";
}

/// The harness compares members, not the text between them: we keep that as it came.
#[test]
fn test_tracestate_ows_handling() {
    let parent = "00-12345678901234567890123456789012-1234567890123456-00";
    let three = [("foo", "1"), ("bar", "2"), ("baz", "3")];
    let one = [("foo", "1")];
    let cases: [(&str, &[(&str, &str)]); 7] = [
        ("foo=1 \t , \t bar=2, \t baz=3", &three),
        ("foo=1\t \t,\t \tbar=2,\t \tbaz=3", &three),
        (" foo=1", &one),
        ("\tfoo=1", &one),
        ("foo=1 ", &one),
        ("foo=1\t", &one),
        ("\t foo=1 \t", &one),
    ];
    for (list, members) in cases {
        let context = TraceContext::parse(parent, Some(list)).unwrap();
        assert_eq!(
            context.state().members().collect::<Vec<_>>(),
            members,
            "{list:?}"
        );
    }
}

#[test]
fn test_tracestate_all_allowed_characters() {
    let key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
    let value: String = (' '..='~').filter(|c| !matches!(c, ',' | '=')).collect();
    for key in [key.to_owned(), format!("{key}@a-z0-9_-*/")] {
        let list = format!("{key}={value}");
        state(&[&list], &list);
    }
}

#[test]
fn test_tracestate_member_count_limit() {
    let list = |count: usize| {
        (1..=count)
            .map(|n| format!("bar{n:02}={n:02}"))
            .collect::<Vec<_>>()
            .join(",")
    };
    state(&[&list(32)], &list(32));
    state(&[&list(33)], "");
}

#[test]
fn test_tracestate_key_length_limit() {
    let accepted = [
        "z".repeat(256),
        "t".repeat(241) + "@" + &"v".repeat(14),
        "t".repeat(242) + "@v",
        "t@".to_owned() + &"v".repeat(15),
    ];
    for key in accepted {
        state(&["foo=1", &format!("{key}=1")], &format!("foo=1,{key}=1"));
    }
    state(&["foo=1", &format!("{}=1", "z".repeat(257))], "");
}

// ===== AdvancedTest: the same three inputs, several callbacks. A child's own id is the SDK's business. =====

parents! {
    test_multiple_requests_with_valid_traceparent:
        "00-12345678901234567890123456789012-1234567890123456-01" => same("");
    test_multiple_requests_with_illegal_traceparent:
        "00-00000000000000000000000000000000-1234567890123456-01" => New;
}

#[test]
fn test_multiple_requests_without_traceparent() {
    assert_eq!(receive(&[]), New);
}

// ===== TraceContext2Test =====

#[test]
fn test_propagates_random_flag() {
    let context = TraceContext::parse(
        "00-12345678901234567890123456789012-1234567890123456-02",
        None,
    )
    .unwrap();
    assert!(context.flags().is_random() && !context.flags().is_sampled());
    assert!(context.traceparent().as_str().ends_with("-02"));
}
