//! Through OpenTelemetry's traits.

use std::collections::{HashMap, HashSet};

use opentelemetry::{
    Context,
    baggage::BaggageExt,
    propagation::TextMapPropagator,
    trace::{SpanContext, TraceContextExt},
};

use crate::{
    context::{SpanId, TraceContext},
    format::{Format, Formats, Propagator},
};

fn propagator(formats: &str) -> Propagator {
    Propagator::new(Formats::parse(formats).0)
}

fn headers(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A span of this process, under what was received.
fn child(cx: &Context) -> Context {
    let parent = TraceContext::from_span_context(cx.span().span_context()).unwrap();
    let span = SpanContext::from(&parent.child(SpanId::new([7; 8]).unwrap()));
    let local = SpanContext::new(
        span.trace_id(),
        span.span_id(),
        span.trace_flags(),
        false,
        span.trace_state().clone(),
    );
    cx.with_span(opentelemetry::testing::trace::TestSpan(local))
}

#[test]
fn every_format_reads_what_it_wrote() {
    let parent = TraceContext::parse(
        "00-0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-01",
        None,
    )
    .unwrap();
    let span = SpanContext::from(&parent);
    for format in Format::ALL
        .into_iter()
        .filter(|format| !matches!(format, Format::Baggage | Format::None))
    {
        let propagator = Propagator::from(format);
        let mut map = HashMap::new();
        propagator.inject_context(
            &Context::new().with_remote_span_context(span.clone()),
            &mut map,
        );
        let written: HashSet<_> = map.keys().map(String::as_str).collect();
        assert!(
            written.is_subset(&propagator.fields().collect()),
            "{format}"
        );
        // The header of the Runtime API has a name of its own.
        if format == Format::XRayLambda {
            let value = map.remove("x-amzn-trace-id").unwrap();
            map.insert("lambda-runtime-trace-id".to_owned(), value);
        }
        let read = propagator.extract(&map);
        let read = read.span().span_context().clone();
        assert_eq!(
            (
                read.trace_id(),
                read.span_id(),
                read.is_sampled(),
                read.is_remote()
            ),
            (span.trace_id(), span.span_id(), true, true),
            "{format}"
        );
    }
}

#[test]
fn nothing_in_nothing_out() {
    for format in Format::ALL {
        let propagator = Propagator::from(format);
        let mut map = HashMap::new();
        let cx = propagator.extract(&map);
        assert!(!cx.span().span_context().is_valid());
        propagator.inject_context(&cx, &mut map);
        assert!(map.is_empty(), "{format}");
    }
}

#[test]
fn what_no_span_context_holds_goes_along() {
    let received = headers(&[
        (
            "x-amzn-trace-id",
            "Root=1-58406520-a006649127e371903a2de979;Parent=4c721bf33e3caf8f;Lineage=a87bd80c:1",
        ),
        ("baggage", "tenant=acme;plan=gold,note=50%25"),
    ]);
    let propagator = propagator("xray,b3,baggage");
    let cx = propagator.extract(&received);
    assert_eq!(
        cx.baggage().get("note").map(ToString::to_string).as_deref(),
        Some("50%")
    );

    // Handed on as it came: nobody decided.
    let mut sent = HashMap::new();
    propagator.inject_context(&cx, &mut sent);
    assert_eq!(
        sent["x-amzn-trace-id"],
        "Root=1-58406520-a006649127e371903a2de979;Parent=4c721bf33e3caf8f;Sampled=?;Lineage=a87bd80c:1"
    );
    assert_eq!(
        sent["b3"],
        "58406520a006649127e371903a2de979-4c721bf33e3caf8f"
    );
    assert_eq!(sent["baggage"], "note=50%25,tenant=acme;plan=gold");

    // Under a span of this process, which is not sampled.
    let mut sent = HashMap::new();
    propagator.inject_context(&child(&cx), &mut sent);
    assert_eq!(
        sent["x-amzn-trace-id"],
        "Root=1-58406520-a006649127e371903a2de979;Parent=0707070707070707;Sampled=0;Lineage=a87bd80c:1"
    );
    assert_eq!(
        sent["b3"],
        "58406520a006649127e371903a2de979-0707070707070707-0"
    );
}

#[test]
fn debug_reaches_the_next_process() {
    let propagator = propagator("b3multi,jaeger");
    let cx = propagator.extract(&headers(&[(
        "b3",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d",
    )]));
    let mut sent = HashMap::new();
    propagator.inject_context(&child(&cx), &mut sent);
    assert_eq!(sent["x-b3-flags"], "1");
    assert_eq!(
        sent["uber-trace-id"],
        "80f198ee56343ba864fe8b2a57d3eff7:0707070707070707:0:3"
    );
}
