//! SnapStart: init, the freeze that stands for the snapshot, the restore.

use expect_test::expect;
use local_lambda::{EnvironmentState, FunctionConfig, Initialization, InvokeError, InvokeRequest};
use serde_json::json;

use crate::bed::Bed;

fn snap_start(config: &mut FunctionConfig) {
    config.initialization = Initialization::SnapStart;
}

#[tokio::test]
async fn an_environment_is_frozen_after_init_and_restored_once() {
    let bed = Bed::with_extensions(&["reader"], snap_start);
    let environment = bed.ask(json!({"do": "env"})).await;
    assert_eq!(environment["AWS_LAMBDA_INITIALIZATION_TYPE"], "snap-start");
    bed.ask_when_free(json!({})).await;
    bed.end().await;
    expect![[r#"
        initStart init
        initRuntimeDone init success
        extension reader Ready
        initReport init success
        restoreStart
        restoreRuntimeDone success
        restoreReport success
        start
        runtimeDone success
        report success
        start
        runtimeDone success
        report success"#]]
    .assert_eq(&bed.records().join("\n"));
    assert_eq!(bed.logged("function restored"), ["200"]);
    let events = bed.platform.events.snapshot();
    let reports = events
        .iter()
        .filter(|event| event.kind == "platform.report");
    let restores: Vec<bool> = reports
        .map(|event| event.record["metrics"]["restoreDurationMs"].is_f64())
        .collect();
    assert_eq!(
        restores,
        [true, false],
        "only the first one waited for a restore"
    );
}

#[tokio::test]
async fn two_invocations_at_once_are_two_restores() {
    let bed = Bed::new(snap_start);
    let sleep = json!({"do": "sleep", "seconds": 1});
    tokio::join!(bed.ask(sleep.clone()), bed.ask(sleep));
    bed.end().await;
    let restores = bed
        .records()
        .iter()
        .filter(|record| *record == "restoreReport success")
        .count();
    assert_eq!(restores, 2);
}

#[tokio::test]
async fn a_runtime_without_hooks_is_frozen_as_it_waits_for_its_first_event() {
    let bed = Bed::new(|config| {
        snap_start(config);
        config.env.insert("HOOK".to_owned(), "none".to_owned());
    });
    bed.ask(json!({})).await;
    bed.end().await;
    assert!(bed.records().contains(&"restoreReport success".to_owned()));
}

#[tokio::test]
async fn a_hook_that_fails_refuses_the_invocation() {
    for (hook, reported) in [
        ("fail", "Runtime.AfterRestoreError"),
        ("exit", "Runtime.ExitError"),
    ] {
        let bed = Bed::new(|config| {
            snap_start(config);
            config.env.insert("HOOK".to_owned(), hook.to_owned());
        });
        let refused = bed
            .function
            .invoke(InvokeRequest::new("{}"))
            .await
            .unwrap_err();
        assert!(
            matches!(&refused, InvokeError::Restore { error_type, .. } if error_type == reported),
            "{refused}"
        );
        bed.reached(EnvironmentState::Reset).await;
        bed.function.shutdown().await;
        let records = bed.records();
        assert!(
            records.contains(&format!("restoreReport error {reported}")),
            "{records:?}"
        );
        assert!(
            !records.iter().any(|record| record == "start"),
            "{records:?}"
        );
    }
}

#[tokio::test]
async fn after_a_crash_the_next_invocation_gets_a_new_snapshot() {
    let bed = Bed::new(snap_start);
    let crashed = bed.invoke(json!({"do": "exit", "code": 3})).await;
    assert_eq!(
        crashed.function_error.unwrap().error_type,
        "Runtime.ExitError"
    );
    bed.reached(EnvironmentState::Reset).await;
    bed.ask(json!({})).await;
    bed.end().await;
    assert_eq!(bed.logged("function restored"), ["200", "200"]);
}
