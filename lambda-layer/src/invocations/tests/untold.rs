//! Ends of which not everything is told: records that are lost or late, ids that come again.

use expect_test::expect;

use super::*;
use crate::telemetry::Status;

#[test]
fn without_any_record_the_reason_of_shutdown_tells() {
    for (reason, expected) in [
        (
            Status::Timeout,
            expect![[r#"
                shop baton.invocation_outcome=timeout error.type=timeout ERROR the function ran into its time-out
            "#]],
        ),
        (
            Status::Failure,
            expect![[r#"
                shop baton.invocation_outcome=crash error.type=Runtime.ExitError ERROR the function's process ended before it answered
            "#]],
        ),
        (
            Status::Success,
            expect![[r#"
                shop baton.invocation_outcome=crash error.type=Runtime.ExitError ERROR the function's process ended before it answered
            "#]],
        ),
    ] {
        let bed = Bed::new(&[]);
        bed.begin("r1", None, "{}");
        assert!(bed.invocations.awaits_report(), "its records may be late");
        bed.invocations.close_everything(reason);
        bed.check(&expected);
    }
}

/// A process that is killed may be an exit in the first record and out of memory in the second.
#[test]
fn either_record_may_know_of_the_memory() {
    let bed = Bed::new(&[]);
    bed.begin("r1", None, "{}");
    bed.records(&[
        (
            "runtimeDone",
            r#"{"requestId":"r1","status":"error","errorType":"Runtime.ExitError"}"#,
        ),
        (
            "report",
            r#"{"requestId":"r1","status":"error","errorType":"Runtime.OutOfMemory"}"#,
        ),
    ]);
    bed.check(&expect![[r#"
        shop baton.invocation_outcome=out_of_memory error.type=Runtime.OutOfMemory ERROR the function was killed for its memory before it answered
    "#]]);
}

/// Records are delivered some milliseconds late; a runtime can fail faster.
#[test]
fn the_post_of_a_failed_init_may_overtake_its_beginning() {
    let bed = Bed::new(&[]);
    bed.invocations
        .init_failed(Failure::new("ImportError", "no module"));
    bed.records(&[("initStart", "{}"), ("initReport", r#"{"status":"error"}"#)]);
    bed.invocations.close_everything(Status::Failure);
    bed.check(&expect![[r#"
        init error.type=ImportError ERROR no module
    "#]]);
}

#[test]
fn an_end_that_is_told_by_half_is_not_waited_for_for_ever() {
    let bed = Bed::new(&[("AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances")]);
    for id in ["answered", "reported", "running"] {
        bed.begin(id, None, "{}");
    }
    bed.invocations.answered("answered", "{}".into(), false);
    bed.records(&[("report", r#"{"requestId":"reported","status":"success"}"#)]);
    bed.invocations.close_overdue();
    assert!(bed.spans().is_empty(), "the other half may be on its way");
    for open in bed.invocations.lock().open.values_mut() {
        if let Some((at, _)) = &mut open.ending {
            *at = 1;
        }
        if let Some(report) = &mut open.report {
            report.time_ns = Some(1);
        }
    }
    bed.invocations.close_overdue();
    bed.check(&expect![[r#"
        shop baton.invocation_outcome=ok
        shop baton.invocation_outcome=ok
    "#]]);
}

#[test]
fn an_id_that_comes_again_replaces_the_earlier_one_and_is_counted() {
    let bed = Bed::new(&[]);
    bed.begin("r1", None, "{}");
    bed.begin("r1", None, "{}");
    bed.invocations.answered("r1", "{}".into(), false);
    bed.records(&[("runtimeDone", r#"{"requestId":"r1"}"#)]);
    assert_eq!(bed.spans().len(), 1);
    let lost = &bed.invocations.unread.invocations;
    assert_eq!(lost.load(Ordering::Relaxed), 1);
}
