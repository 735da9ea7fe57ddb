//! How invocations end, in any order of what is told of them.

use expect_test::expect;

use super::*;
use crate::telemetry::Status;

const REPORT: &str = r#"{"requestId":"r1","status":"success","metrics":{"durationMs":9.5,"billedDurationMs":10,"memorySizeMB":128,"maxMemoryUsedMB":94}}"#;
const DONE: &str = r#"{"requestId":"r1","status":"success"}"#;

#[test]
fn a_span_is_there_at_the_end_and_its_bill_later() {
    let bed = Bed::new(&[]);
    bed.records(&[
        ("initStart", "{}"),
        ("initReport", r#"{"metrics":{"durationMs":120.5}}"#),
        ("start", r#"{"requestId":"r1"}"#),
    ]);
    bed.begin("r1", None, "{}");
    bed.invocations.answered("r1", "{}".into(), false);
    assert!(bed.spans().is_empty(), "it has not ended");
    bed.records(&[("runtimeDone", DONE)]);
    bed.check(&expect![[r#"
        shop baton.init_ms=120.5 baton.invocation_outcome=ok
          init baton.init_ms=120.5
    "#]]);
    bed.records(&[
        ("report", REPORT),
        ("report", REPORT),
        ("runtimeDone", DONE),
    ]);
    bed.check(&expect![[r#"
        report baton.billed_ms=10 baton.memory_mb=128 baton.max_memory_mb=94
    "#]]);
}

#[test]
fn what_ended_badly_waits_for_its_report() {
    for (done, report, expected) in [
        (
            r#"{"requestId":"r1","status":"timeout"}"#,
            r#"{"requestId":"r1","status":"timeout","metrics":{"billedDurationMs":3000}}"#,
            expect![[r#"
                shop baton.invocation_outcome=timeout error.type=timeout baton.billed_ms=3000 ERROR the function ran into its time-out
            "#]],
        ),
        (
            r#"{"requestId":"r1","status":"error","errorType":"Runtime.ExitError"}"#,
            r#"{"requestId":"r1","status":"error","errorType":"Runtime.ExitError","metrics":{"memorySizeMB":128,"maxMemoryUsedMB":128}}"#,
            expect![[r#"
                shop baton.invocation_outcome=out_of_memory error.type=Runtime.OutOfMemory baton.memory_mb=128 baton.max_memory_mb=128 ERROR the function was killed for its memory before it answered
            "#]],
        ),
        (
            r#"{"requestId":"r1","status":"failure"}"#,
            r#"{"requestId":"r1","status":"failure","metrics":{"memorySizeMB":128,"maxMemoryUsedMB":12}}"#,
            expect![[r#"
                shop baton.invocation_outcome=crash error.type=Runtime.ExitError baton.memory_mb=128 baton.max_memory_mb=12 ERROR the function's process ended before it answered
            "#]],
        ),
    ] {
        let bed = Bed::new(&[]);
        bed.begin("r1", None, "{}");
        bed.records(&[("runtimeDone", done)]);
        assert!(bed.invocations.awaits_report());
        assert!(bed.spans().is_empty());
        bed.records(&[("report", report)]);
        assert!(!bed.invocations.awaits_report());
        bed.check(&expected);
    }
}

#[test]
fn without_a_report_shutdown_is_the_end() {
    let bed = Bed::new(&[]);
    bed.begin("r1", None, "{}");
    bed.records(&[("runtimeDone", r#"{"requestId":"r1","status":"timeout"}"#)]);
    bed.invocations.close_everything(Status::Success);
    bed.check(&expect![[r#"
        shop baton.invocation_outcome=timeout error.type=timeout ERROR the function ran into its time-out
    "#]]);
}

#[test]
fn an_error_of_the_function() {
    let bed = Bed::new(&[]);
    bed.begin("r1", None, "{}");
    bed.invocations
        .failed("r1", Failure::new("ValueError", "bad cart"));
    bed.records(&[("runtimeDone", DONE)]);
    let spans = bed.spans();
    assert_eq!(spans[0].events[0].name, "exception");
    let status = spans[0].status.clone().unwrap();
    assert_eq!((status.code, status.message.as_str()), (2, "bad cart"));
}

#[test]
fn messages_have_their_outcomes() {
    let record = |id: &str| {
        format!(
            r#"{{"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu:1:orders","messageId":"{id}","body":"",
            "messageAttributes":{{"traceparent":{{"dataType":"String","stringValue":"{PARENT}"}}}}}}"#
        )
    };
    let bed = Bed::new(&[]);
    let event = format!(r#"{{"Records":[{},{}]}}"#, record("a"), record("b"));
    let hand_on = bed.begin("r1", None, &event);
    assert_eq!(hand_on.made.process_spans(), 2);
    let answer = r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#;
    bed.invocations.answered("r1", answer.into(), false);
    bed.records(&[("runtimeDone", DONE)]);
    let spans = bed.spans();
    let ids: Vec<_> = spans
        .iter()
        .skip(1)
        .map(|span| span.span_id.clone())
        .collect();
    let told = [0, 1].map(|at| hand_on.made.process_span(at).unwrap().to_bytes().to_vec());
    assert_eq!(ids, told, "the wrapper inside is told these ids");

    bed.begin("r1", None, &event);
    bed.invocations.answered("r1", answer.into(), false);
    bed.records(&[("runtimeDone", DONE)]);
    bed.check(&expect![[r#"
        process orders baton.invocation_outcome=ok
          process orders baton.outcome=ok links=1
          process orders baton.outcome=failed error.type=_OTHER ERROR the response lists it in `batchItemFailures` links=1
    "#]]);

    let event = format!(r#"{{"Records":[{}]}}"#, record("a"));
    bed.begin("r1", None, &event);
    bed.invocations.answered("r1", answer.into(), false);
    bed.records(&[("runtimeDone", DONE)]);
    bed.check(&expect![[r#"
        process orders baton.invocation_outcome=ok baton.outcome=failed error.type=_OTHER ERROR the response lists it in `batchItemFailures`
    "#]]);
}

#[test]
fn managed_instances_overlap_and_end_with_their_reports() {
    let bed = Bed::new(&[("AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances")]);
    for id in ["r1", "r2"] {
        bed.begin(id, None, "{}");
    }
    bed.records(&[(
        "report",
        r#"{"requestId":"r2","status":"timeout","metrics":{"durationMs":3000}}"#,
    )]);
    bed.check(&expect![[r#"
        shop baton.invocation_outcome=timeout error.type=timeout ERROR the function ran into its time-out
    "#]]);
    // The code runs on, and answers when nobody listens.
    bed.invocations.answered("r2", "{}".into(), false);
    bed.invocations.answered("r1", "{}".into(), false);
    bed.records(&[(
        "report",
        r#"{"requestId":"r1","status":"success","metrics":{"durationMs":3}}"#,
    )]);
    bed.check(&expect![[r#"
        shop baton.invocation_outcome=ok
    "#]]);
}

/// Lambda's record and its answer to the proxy come over two connections.
#[test]
fn a_report_may_overtake_the_answer_that_it_reports() {
    let bed = Bed::new(&[("AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances")]);
    bed.begin("r1", None, "{}");
    bed.records(&[(
        "report",
        r#"{"requestId":"r1","status":"error","errorType":"Function.Bad","metrics":{"durationMs":3}}"#,
    )]);
    bed.check(&expect![[""]]);
    bed.invocations
        .failed("r1", Failure::new("ValueError", "no stock"));
    bed.check(&expect![[r#"
        shop baton.invocation_outcome=error error.type=ValueError ERROR no stock
    "#]]);
}

#[test]
fn init_that_fails() {
    let bed = Bed::new(&[]);
    bed.invocations.expect_runtime(None);
    bed.invocations.announced("r1", None);
    bed.records(&[("initStart", "{}")]);
    bed.invocations
        .init_failed(Failure::new("ImportError", "no module"));
    bed.records(&[
        (
            "initReport",
            r#"{"status":"error","errorType":"Runtime.Unknown","metrics":{"durationMs":7}}"#,
        ),
        (
            "runtimeDone",
            r#"{"requestId":"r1","status":"error","errorType":"Runtime.Unknown"}"#,
        ),
        (
            "report",
            r#"{"requestId":"r1","status":"error","errorType":"Runtime.Unknown"}"#,
        ),
    ]);
    bed.invocations.close_everything(Status::Success);
    bed.check(&expect![[r#"
        shop baton.init_ms=7 baton.invocation_outcome=error error.type=ImportError ERROR no module
          init baton.init_ms=7 error.type=ImportError ERROR no module
          report
    "#]]);

    let alone = Bed::new(&[]);
    alone.records(&[
        ("initStart", "{}"),
        (
            "initRuntimeDone",
            r#"{"status":"error","errorType":"Runtime.ExitError"}"#,
        ),
    ]);
    alone.invocations.close_everything(Status::Success);
    alone.check(&expect![[r#"
        init error.type=Runtime.ExitError ERROR init failed before the function could be called
    "#]]);
}

#[test]
fn a_function_without_the_wrapper_is_not_told_of() {
    let bed = Bed::new(&[]);
    bed.invocations.announced("r1", None);
    bed.records(&[
        ("start", r#"{"requestId":"r1"}"#),
        ("runtimeDone", r#"{"requestId":"r1","status":"timeout"}"#),
        ("report", r#"{"requestId":"r1","status":"timeout"}"#),
    ]);
    bed.invocations.close_everything(Status::Success);
    assert!(bed.spans().is_empty());
}

#[test]
fn memory_is_bounded_when_nothing_ends() {
    let bed = Bed::new(&[]);
    for id in 0..MAX_OPEN + 10 {
        bed.begin(&format!("r{id}"), None, "{}");
    }
    assert_eq!(bed.invocations.lock().open.len(), MAX_OPEN);
    assert_eq!(
        bed.invocations.unread.invocations.load(Ordering::Relaxed),
        10
    );
}
