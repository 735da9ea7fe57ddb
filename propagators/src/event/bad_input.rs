//! Events that are no events.

use super::{Event, Reason, Trigger, tests::fixture};

mod values;

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
    assert_eq!(event.span_name().as_deref(), Some("process"));
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

fn message(body: &str) -> String {
    serde_json::json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": body}]})
        .to_string()
}

/// Envelopes in envelopes, as text and as objects: three are opened, the rest is counted.
#[test]
fn a_thousand_nested_envelopes() {
    let trace =
        r#"{"_trace":{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}"#;
    let open =
        r#"{"requestContext":{"functionArn":"arn:aws:lambda:r:1:function:f"},"requestPayload":"#;
    for depth in [1, 2, 3, 4, 1000] {
        let event = format!("{}{trace}{}", open.repeat(depth), "}".repeat(depth));
        let event = Event::parse(event.as_bytes());
        assert_eq!(
            event.relation().links.len(),
            usize::from(depth <= 3),
            "{depth}"
        );
        assert_eq!(event.unopened, u32::from(depth > 3), "{depth}");
    }
    // Each level of text doubles the backslashes of the one before, so twelve are all that fit into a message.
    let mut body = trace.to_owned();
    for _ in 0..12 {
        let envelope =
            serde_json::json!({"Type": "Notification", "TopicArn": "t", "Message": body});
        body = envelope.to_string();
    }
    let event = message(&body);
    let event = Event::parse(event.as_bytes());
    assert_eq!(
        (event.unopened, event.records[0].contexts.is_empty()),
        (1, true)
    );
}

#[test]
fn a_header_of_a_megabyte() {
    let long =
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned() + &"0".repeat(1 << 20);
    for headers in [
        serde_json::json!({"traceparent": long}),
        serde_json::json!({"traceparent": [long, long]}),
    ] {
        let event = serde_json::json!({"version": "2.0", "rawQueryString": "", "headers": headers})
            .to_string();
        let event = Event::parse(event.as_bytes());
        assert_eq!(
            (event.invalid(), event.relation().reason),
            (1, Reason::NoContext)
        );
    }
}

/// A broken context beside a good one does not take it along.
#[test]
fn duplicates_and_broken_ones() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let attribute = format!(r#"{{"dataType":"String","stringValue":"{parent}"}}"#);
    let event = |attributes: &str| {
        format!(
            r#"{{"Records":[{{"eventSource":"aws:sqs","messageId":"1","messageAttributes":{{{attributes}}},
            "attributes":{{"AWSTraceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}}}}]}}"#
        )
    };
    let twice = event(&format!(
        r#""traceparent":{attribute},"traceparent":{attribute}"#
    ));
    let zero = event(&format!(
        r#""traceparent":{}"#,
        attribute.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32))
    ));
    let future = event(&format!(
        r#""traceparent":{}"#,
        attribute.replace("00-4b", "ff-4b")
    ));
    for event in [twice, zero, future] {
        let event = Event::parse(event.as_bytes());
        assert_eq!(event.invalid(), 1);
        let relation = event.relation();
        let place = relation.parent.map(|found| found.place.to_string());
        assert_eq!(place.as_deref(), Some("attributes.AWSTraceHeader"));
    }
}

#[test]
fn text_that_is_no_utf8() {
    let mut event = message("x").into_bytes();
    let at = event.iter().position(|byte| *byte == b'x').unwrap();
    event[at] = 0xff;
    let event = Event::parse(&event);
    assert_eq!((event.trigger, event.records.len()), (Trigger::Sqs, 1));
    assert_eq!(
        Event::parse(b"{\"\xff\":1,\"detail-type\":\"\xff\"}").trigger,
        Trigger::EventBridge
    );
}

/// More than any service delivers is counted, not kept.
#[test]
fn a_hundred_thousand_records() {
    let record = r#"{"eventSource":"aws:sqs"}"#;
    let event = format!("{{\"Records\":[{}]}}", vec![record; 100_000].join(","));
    let event = Event::parse(event.as_bytes());
    assert_eq!((event.records.len(), event.left_out), (10_000, 90_000));
}

/// Base64 and text that are too much together are not opened.
#[test]
fn megabytes_of_payloads() {
    let body = serde_json::json!({"traceparent": "x", "fill": "y".repeat(1 << 20)}).to_string();
    let record = serde_json::json!({"eventSource": "aws:sqs", "body": body});
    let event = serde_json::json!({"Records": vec![record; 12]}).to_string();
    let event = Event::parse(event.as_bytes());
    assert_eq!(
        (event.records.len(), event.unopened, event.invalid()),
        (12, 5, 7)
    );
}
