//! Several formats at once.

use super::{extracted, injected, line};
use crate::format::{Format, Formats, Outgoing};

const W3C: (&str, &str) = (
    "traceparent",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
);
const B3: (&str, &str) = ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0");

#[test]
fn names() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
        assert_eq!(format.as_str().to_uppercase().parse(), Ok(format));
    }
    let list = |text: &str| {
        let (formats, unknown) = Formats::parse(text);
        let names: Vec<_> = formats.iter().map(Format::as_str).collect();
        (names.join(","), unknown.len())
    };
    let default = "tracecontext,baggage".to_owned();
    assert_eq!(
        list("xray-lambda, tracecontext,baggage"),
        ("xray-lambda,tracecontext,baggage".to_owned(), 0)
    );
    assert_eq!(list("b3,b3,b3multi,b3"), ("b3,b3multi".to_owned(), 0));
    for unset in ["", " ", ",,", "b4"] {
        assert_eq!(list(unset).0, default, "{unset:?}");
    }
    assert_eq!(list("none"), (String::new(), 0));
    assert_eq!(list("none,b3,b4"), (String::new(), 1));
    let all = Format::ALL.map(Format::as_str).join(",");
    assert_eq!(
        Formats::parse(&all.replace(",none", "")).0.iter().count(),
        9
    );
    // Neither names nor errors grow without bound.
    assert_eq!(list(&"x,".repeat(10_000)), (default, 10));
}

#[test]
fn the_first_valid_one_wins_and_what_disagrees_is_kept() {
    let found = extracted("b3,tracecontext", &[W3C, B3]);
    assert_eq!(found.format, Some(Format::B3));
    assert_eq!(found.others.len(), 1);

    let found = extracted("tracecontext,b3", &[W3C, B3]);
    assert_eq!(found.format, Some(Format::TraceContext));
    assert_eq!(found.others[0].0, Format::B3);
    assert_eq!(
        found.others[0].1.trace_id().to_string(),
        "80f198ee56343ba864fe8b2a57d3eff7"
    );

    // The same trace is no disagreement.
    let same = ("b3", "4bf92f3577b34da6a3ce929d0e0e4736-e457b5a2e4d86bd1-0");
    assert!(extracted("tracecontext,b3", &[W3C, same]).others.is_empty());
}

#[test]
fn a_broken_one_is_counted_and_the_next_one_is_heard() {
    let found = extracted(
        "tracecontext,b3,jaeger",
        &[("traceparent", "ff-nonsense"), B3, ("uber-trace-id", "?")],
    );
    assert_eq!((found.format, found.invalid), (Some(Format::B3), 2));
}

#[test]
fn what_was_said_about_sampling_belongs_to_the_winner() {
    // `b3: 1` says nothing about a trace that another format continues.
    let found = extracted("b3,tracecontext", &[("b3", "1"), W3C]);
    assert_eq!(
        line(&found),
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    );
    let found = extracted(
        "tracecontext,b3",
        &[
            W3C,
            ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d"),
        ],
    );
    assert_eq!(
        line(&found),
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    );
}

#[test]
fn baggage_of_several_formats_is_one_list() {
    let found = extracted(
        "baggage,jaeger,ottrace",
        &[
            ("baggage", "a=1,b=2"),
            ("uberctx-b", "no"),
            ("uberctx-c", "3"),
            ("ot-baggage-d", "4"),
        ],
    );
    assert_eq!(found.baggage.as_str(), "a=1,b=2,c=3,d=4");
    let found = extracted(
        "jaeger,baggage",
        &[("baggage", "a=1;p=1,b=2"), ("uberctx-a", "0")],
    );
    assert_eq!(found.baggage.as_str(), "a=0,b=2");
}

#[test]
fn from_any_format_into_all() {
    let found = extracted("b3", &[B3]);
    let written = injected(
        "tracecontext,b3,b3multi,jaeger,xray,ottrace,datadog",
        &Outgoing::new(found.context.as_ref().unwrap()).with(&found),
    );
    let expected = [
        ("b3", B3.1),
        ("ot-tracer-sampled", "false"),
        ("ot-tracer-spanid", "e457b5a2e4d86bd1"),
        ("ot-tracer-traceid", "64fe8b2a57d3eff7"),
        (
            "traceparent",
            "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-00",
        ),
        (
            "uber-trace-id",
            "80f198ee56343ba864fe8b2a57d3eff7:e457b5a2e4d86bd1:0:0",
        ),
        (
            "x-amzn-trace-id",
            "Root=1-80f198ee-56343ba864fe8b2a57d3eff7;Parent=e457b5a2e4d86bd1;Sampled=0",
        ),
        ("x-b3-sampled", "0"),
        ("x-b3-spanid", "e457b5a2e4d86bd1"),
        ("x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"),
        ("x-datadog-parent-id", "16453819474850114513"),
        ("x-datadog-sampling-priority", "0"),
        ("x-datadog-tags", "_dd.p.tid=80f198ee56343ba8"),
        ("x-datadog-trace-id", "7277407061855694839"),
    ];
    let expected: Vec<_> = expected
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    assert_eq!(written, expected);
}
