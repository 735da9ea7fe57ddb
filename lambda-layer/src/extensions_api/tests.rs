use super::*;

#[test]
fn events() {
    let invoke = r#"{"eventType":"INVOKE","deadlineMs":1676051031000,"requestId":"r","invokedFunctionArn":"arn","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1"}}"#;
    for (body, expected) in [
        (
            invoke,
            Some(Event::Invoke {
                request_id: "r".to_owned(),
                deadline_ms: Some(1_676_051_031_000),
                trace_header: Some("Root=1".to_owned()),
            }),
        ),
        (
            r#"{"eventType":"INVOKE","tracing":7}"#,
            Some(Event::Invoke {
                request_id: String::new(),
                deadline_ms: None,
                trace_header: None,
            }),
        ),
        (
            r#"{"eventType":"SHUTDOWN","shutdownReason":"spindown","deadlineMs":1.5}"#,
            Some(Event::Shutdown {
                deadline_ms: Some(1),
                reason: Status::Success,
            }),
        ),
        (
            r#"{"eventType":"SHUTDOWN","shutdownReason":"FAILURE"}"#,
            Some(Event::Shutdown {
                deadline_ms: None,
                reason: Status::Failure,
            }),
        ),
        (
            r#"{"eventType":"SHUTDOWN","shutdownReason":7}"#,
            Some(Event::Shutdown {
                deadline_ms: None,
                reason: Status::Success,
            }),
        ),
        (
            r#"{"eventType":"PAUSE"}"#,
            Some(Event::Other("PAUSE".to_owned())),
        ),
        ("{}", None),
        ("", None),
        ("[]", None),
    ] {
        assert_eq!(Event::parse(body), expected, "{body}");
    }
}
