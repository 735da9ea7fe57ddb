//! Deadlines, crashes and memory: what the caller gets, what is recorded, and that the next invocation works.

use std::time::Duration;

use expect_test::{Expect, expect};
use local_lambda::{EnvironmentState, FaultKind};
use serde_json::{Value, json};

use crate::bed::Bed;

/// Runs a failing event and a good one after it.
async fn check(bed: &Bed, event: Value, kind: FaultKind, error: Expect, records: Expect) {
    let output = bed.invoke(event).await;
    assert_eq!(output.function_error.unwrap().kind, kind);
    let id = output.request_id.to_string();
    error.assert_eq(&String::from_utf8_lossy(&output.payload).replace(&id, "ID"));
    bed.reached(EnvironmentState::Reset).await;
    assert!(
        bed.function
            .environments()
            .iter()
            .all(|environment| environment.pids.is_empty())
    );
    assert_eq!(
        bed.ask(json!({"do": "print", "line": "again"})).await,
        "printed"
    );
    bed.reached(EnvironmentState::Frozen).await;
    records.assert_eq(&(bed.records().join("\n") + "\n"));
    assert_eq!(
        bed.function.environments().len(),
        1,
        "the environment is the same, its processes are new"
    );
}

#[tokio::test]
async fn a_timeout_kills() {
    let bed = Bed::new(|config| config.timeout = Duration::from_secs(4));
    let error = expect![[
        r#"{"errorMessage":"RequestId: ID Error: Task timed out after 4.00 seconds","errorType":"Sandbox.Timedout"}"#
    ]];
    let records = expect![[r#"
        initStart init
        initRuntimeDone init success
        initReport init success
        start
        runtimeDone timeout
        report timeout
        initStart invoke
        initRuntimeDone invoke success
        initReport invoke success
        start
        runtimeDone success
        report success
    "#]];
    check(
        &bed,
        json!({"do": "sleep", "seconds": 60}),
        FaultKind::Timeout,
        error,
        records,
    )
    .await;
}

#[tokio::test]
async fn a_crash_is_reported_with_its_status() {
    let bed = Bed::new(|_| ());
    let error = expect![[
        r#"{"errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 9","errorType":"Runtime.ExitError"}"#
    ]];
    let records = expect![[r#"
        initStart init
        initRuntimeDone init success
        initReport init success
        start
        runtimeDone error Runtime.ExitError
        report error Runtime.ExitError
        initStart invoke
        initRuntimeDone invoke success
        initReport invoke success
        start
        runtimeDone success
        report success
    "#]];
    check(
        &bed,
        json!({"do": "exit", "code": 9}),
        FaultKind::Crash,
        error,
        records,
    )
    .await;
}

#[tokio::test]
async fn too_much_memory_kills() {
    let bed = Bed::new(|config| config.memory_mb = 128);
    let error = expect![[
        r#"{"errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed","errorType":"Runtime.OutOfMemory"}"#
    ]];
    let records = expect![[r#"
        initStart init
        initRuntimeDone init success
        initReport init success
        start
        runtimeDone error Runtime.OutOfMemory
        report error Runtime.OutOfMemory
        initStart invoke
        initRuntimeDone invoke success
        initReport invoke success
        start
        runtimeDone success
        report success
    "#]];
    check(
        &bed,
        json!({"do": "hog", "mb": 200}),
        FaultKind::OutOfMemory,
        error,
        records,
    )
    .await;
    let reports = bed.platform.events.snapshot();
    let used = |index: usize| {
        let report = reports
            .iter()
            .filter(|event| event.kind == "platform.report")
            .nth(index)
            .unwrap();
        report.record["metrics"]["maxMemoryUsedMB"]
            .as_u64()
            .unwrap()
    };
    assert!(used(0) >= 128, "{} MB", used(0));
    assert!((5..128).contains(&used(1)), "{} MB", used(1));
}

#[tokio::test]
async fn exit_without_a_reason() {
    let bed = Bed::new(|_| ());
    let output = bed.invoke(json!({"do": "exit", "code": 0})).await;
    let body: Value = serde_json::from_slice(&output.payload).unwrap();
    let message = body["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with("Error: Runtime exited without providing a reason"),
        "{message}"
    );
}

#[tokio::test]
async fn a_late_answer_is_gone() {
    // With an extension the runtime is asked to end before it is killed, and can still speak.
    let bed = Bed::with_extensions(&["watcher"], |config| {
        config.timeout = Duration::from_secs(1)
    });
    let output = bed.invoke(json!({"do": "late"})).await;
    assert_eq!(
        output.function_error.unwrap().error_type,
        "Sandbox.Timedout"
    );
    bed.reached(EnvironmentState::Reset).await;
    assert_eq!(
        bed.logged("function late"),
        [r#"410 {"errorMessage":"Invoke timeout","errorType":"InvokeTimeout"}"#]
    );
    assert_eq!(bed.logged("extension event SHUTDOWN"), ["timeout"]);
}

#[tokio::test]
async fn the_timeout_covers_extensions_too() {
    let bed = Bed::with_extensions(&["slow"], |config| {
        config.timeout = Duration::from_secs(1);
        config.env.insert("EXT_WORK".to_owned(), "60".to_owned());
    });
    assert_eq!(
        bed.ask(json!({"do": "print", "line": "x"})).await,
        "printed",
        "the caller has its answer"
    );
    bed.reached(EnvironmentState::Reset).await;
    let records = bed.records();
    assert_eq!(
        records[records.len() - 2..],
        ["runtimeDone success", "report timeout"]
    );
}

#[tokio::test]
async fn an_answer_stays_an_answer_when_the_process_ends_after_it() {
    let bed = Bed::new(|_| ());
    assert_eq!(
        bed.ask(json!({"do": "answer and exit"})).await,
        "last words"
    );
    bed.reached(EnvironmentState::Reset).await;
    assert_eq!(
        bed.records().last().unwrap(),
        "report error Runtime.ExitError"
    );
}

/// A timeout answers its caller before the extensions have ended: a shutdown right after must not take that time from them.
#[tokio::test]
async fn a_shutdown_waits_for_extensions_that_are_ending_already() {
    let bed = Bed::with_extensions(&["watcher"], |config| {
        config.timeout = Duration::from_secs(1);
        config
            .env
            .insert("EXT_LAST_WORK".to_owned(), "0.8".to_owned());
    });
    let output = bed.invoke(json!({"do": "sleep", "seconds": 60})).await;
    assert_eq!(output.function_error.unwrap().kind, FaultKind::Timeout);
    bed.function.shutdown().await;
    assert_eq!(bed.logged("extension bye"), [""]);
    assert!(bed.function.environments().is_empty());
}

/// The processes of before have to end first, and an extension may take two seconds for it.
#[tokio::test]
async fn what_is_cleared_away_does_not_count_against_the_timeout() {
    let bed = Bed::with_extensions(&["stubborn"], |config| {
        config.timeout = Duration::from_millis(1900);
        config.env.insert("EXT_STUBBORN".to_owned(), "1".to_owned());
    });
    let runtime = bed.ask(json!({"do": "pid"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    let pid = i32::try_from(runtime["pid"].as_i64().unwrap()).unwrap();
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(pid),
        nix::sys::signal::Signal::SIGKILL,
    )
    .unwrap();
    crate::bed::eventually(|| bed.function.environments()[0].pids.len() == 1).await;
    assert_eq!(
        bed.ask(json!({"do": "print", "line": "again"})).await,
        "printed"
    );
}
