use super::*;

#[test]
fn odd_deliveries() {
    let done = r#"{"time":"2022-10-21T14:05:05.764Z","type":"platform.runtimeDone","record":{"requestId":"r1","status":"success","metrics":{"durationMs":2599.0}}}"#;
    for (batch, expected, unread) in [
            (String::new(), vec![], 1),
            ("{}".to_owned(), vec![], 1),
            ("[".to_owned(), vec![], 1),
            ("[]".to_owned(), vec![], 0),
            (format!("[{done}]"), vec!["r1"], 0),
            (format!("[{done}"), vec![], 1),
            (format!(r#"[1, null, "x", [], {{}}, {done}]"#), vec!["r1"], 5),
            (
                format!(r#"[{{"type":"function","record":"platform.runtimeDone"}},{done},{done}]"#),
                vec!["r1", "r1"],
                0,
            ),
            (r#"[{"type":"platform.runtimeDone"}]"#.to_owned(), vec![], 1),
            (
                r#"[{"type":"platform.runtimeDone","record":"text"}]"#.to_owned(),
                vec![],
                1,
            ),
            (
                format!(
                    r#"[{{"type":"platform.runtimeDone","record":{{"requestId":"{}"}}}}]"#,
                    "x".repeat(MAX_TEXT_BYTES + 1)
                ),
                vec![],
                1,
            ),
            (
                format!(
                    r#"[{{"type":"platform.start","record":{}1{}}},{done}]"#,
                    "[".repeat(200),
                    "]".repeat(200)
                ),
                vec!["r1"],
                1,
            ),
            (
                r#"[{"type":"platform.runtime\u0044one","record":{"requestId":"\u0072","time":7,"metrics":[],"tracing":7,"errorType":{}}}]"#
                    .to_owned(),
                vec!["r"],
                0,
            ),
        ] {
            let delivery = parse_records(batch.as_bytes());
            let ids: Vec<_> = delivery.records.into_iter().filter_map(|it| it.request_id).collect();
            assert_eq!(ids, expected, "{batch}");
            assert_eq!(delivery.unread, unread, "{batch}");
        }
}

#[test]
fn statuses() {
    for (status, expected) in [
        (r#","status":"success""#, Status::Success),
        (r#","status":"error""#, Status::Failure),
        (r#","status":"failure""#, Status::Failure),
        (r#","status":"new""#, Status::Failure),
        (r#","status":"timeout""#, Status::Timeout),
        ("", Status::Success),
        (r#","status":null"#, Status::Success),
    ] {
        let batch =
            format!(r#"[{{"type":"platform.runtimeDone","record":{{"requestId":"r"{status}}}}}]"#);
        assert_eq!(
            parse_records(batch.as_bytes()).records[0].status,
            expected,
            "{batch}"
        );
    }
}

#[test]
fn a_report() {
    let batch = br#"[{"time":"2022-10-21T14:05:05.766Z","type":"platform.report","record":{"requestId":"459921b5","status":"success",
            "metrics":{"durationMs":2599.4,"billedDurationMs":2600,"memorySizeMB":128,"maxMemoryUsedMB":94,"initDurationMs":549.04},
            "tracing":{"spanId":"24cd7d670fa455f0","type":"X-Amzn-Trace-Id","value":"Root=1-6352a70e-1e2c502e358361800241fd45"}}}]"#;
    let record = parse_records(batch).records.remove(0);
    assert_eq!(record.time_ns, Some(1_666_361_105_766_000_000));
    assert_eq!(record.metrics.billed_duration_ms, Some(2600.0));
    assert_eq!(record.metrics.max_memory_used_mb, Some(94));
    assert_eq!(record.metrics.init_duration_ms, Some(549.04));
    assert!(record.has_segment && record.trace_header.is_some());
}
