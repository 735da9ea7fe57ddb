//! Events that are no events.

use super::{Event, Reason, Trigger, tests::fixture};

#[test]
fn garbage_is_another_trigger() {
    let nested = [b"{\"Records\":".repeat(1000), b"}".repeat(1000)].concat();
    let garbage: [&[u8]; 12] = [
        b"",
        b"null",
        b"7",
        b"\"text\"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"{\"Records\":null}",
        b"{\"Records\":{}}",
        b"{\"Records\":[1,null,{\"eventSource\":\"aws:nothing\"}]}",
        b"{\"Records\":[],\"Records\":[]}",
        &nested,
    ];
    for event in garbage {
        let event = Event::parse(event);
        assert_eq!((event.trigger, event.records.len()), (Trigger::Other, 0));
        assert_eq!(event.span_name(), None);
    }
}

#[test]
fn wrong_types_are_absent() {
    let event = br#"{"Records":[{"eventSource":"aws:sqs","messageId":7,"eventSourceARN":["a"],"attributes":"no",
        "messageAttributes":{"traceparent":{"stringValue":{"a":1},"dataType":"String"}}}]}"#;
    let event = Event::parse(event);
    assert_eq!(event.trigger, Trigger::Sqs);
    assert_eq!(event.span_name().as_deref(), Some("process "));
    assert_eq!(event.relation().reason, Reason::NoContext);

    let event = Event::parse(
        br#"{"version":"2.0","rawQueryString":7,"headers":[],"requestContext":{"http":"no"}}"#,
    );
    assert_eq!(event.trigger, Trigger::ApiGatewayV2);
    assert_eq!(event.span_name().as_deref(), Some("GET"));
}

#[test]
fn a_client_cannot_make_up_span_names() {
    let event =
        br#"{"version":"2.0","rawQueryString":"","requestContext":{"http":{"method":"EVIL"}}}"#;
    let event = Event::parse(event);
    assert_eq!(event.span_name().as_deref(), Some("HTTP"));
    let attributes: Vec<_> = event
        .attributes()
        .iter()
        .map(|a| format!("{}={}", a.key, a.value))
        .collect();
    assert!(attributes.contains(&"http.request.method=_OTHER".to_owned()));
    assert!(attributes.contains(&"http.request.method_original=EVIL".to_owned()));
}

/// A message that breaks off anywhere is read as far as JSON allows, which is not at all, and never panics.
#[test]
fn every_prefix_of_every_fixture() {
    for name in [
        "sqs-batch",
        "function-url",
        "apigw-request",
        "alb-lambda-target-request-multivalue-headers",
    ] {
        let event = fixture(name);
        for end in 0..event.len() {
            assert_eq!(
                Event::parse(&event[..end.min(event.trim_ascii_end().len() - 1)]).trigger,
                Trigger::Other,
                "{name} {end}"
            );
        }
    }
}

/// Fixtures with bytes changed at random, the same ones in each run.
#[test]
fn changed_bytes() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    for name in ["sqs-batch", "function-url", "apigw-request"] {
        let original = fixture(name);
        for _ in 0..2000 {
            let mut event = original.clone();
            for _ in 0..=next(4) {
                let at = next(event.len());
                event[at] = b"\"{}[]:,\\0a\xff\0 -="[next(15)];
            }
            let event = Event::parse(&event);
            let attributes = event.attributes().len();
            assert!(attributes > 0);
            assert_eq!(event.span_name().is_some(), event.trigger != Trigger::Other);
        }
    }
}
