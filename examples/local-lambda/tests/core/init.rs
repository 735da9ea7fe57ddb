//! Init and its second chance within the first invocation.

use std::time::Duration;

use expect_test::{Expect, expect};
use local_lambda::{FaultKind, FunctionConfig};
use serde_json::json;

use crate::bed::Bed;

fn failing_once(init: &str) -> impl FnOnce(&mut FunctionConfig) {
    let init = init.to_owned();
    move |config| {
        let mark = config.task_root.clone().unwrap().join("mark");
        config.env.insert("INIT".to_owned(), init);
        config
            .env
            .insert("INIT_ONCE".to_owned(), mark.to_string_lossy().into_owned());
        config.init_timeout = Duration::from_secs(3);
    }
}

async fn check_second_chance(init: &str, records: Expect) {
    let bed = Bed::new(failing_once(init));
    assert_eq!(
        bed.ask(json!({"do": "print", "line": "x"})).await,
        "printed"
    );
    records.assert_eq(
        &(bed
            .records()
            .into_iter()
            .take(7)
            .collect::<Vec<_>>()
            .join("\n")
            + "\n"),
    );
}

#[tokio::test]
async fn an_init_that_takes_too_long_is_tried_again() {
    check_second_chance(
        "sleep",
        expect![[r#"
        initStart init
        initRuntimeDone init timeout
        initReport init timeout
        initStart invoke
        initRuntimeDone invoke success
        initReport invoke success
        start
    "#]],
    )
    .await;
}

#[tokio::test]
async fn an_init_that_crashes_is_tried_again() {
    check_second_chance(
        "exit",
        expect![[r#"
        initStart init
        initRuntimeDone init error Runtime.ExitError
        initReport init error Runtime.ExitError
        initStart invoke
        initRuntimeDone invoke success
        initReport invoke success
        start
    "#]],
    )
    .await;
}

#[tokio::test]
async fn an_init_that_fails_twice_fails_the_invocation() {
    let always = |init: &str| {
        let init = init.to_owned();
        move |config: &mut FunctionConfig| {
            // The one that sleeps is to run into both deadlines.
            if init == "sleep" {
                config.timeout = Duration::from_secs(1);
                config.init_timeout = Duration::from_secs(1);
            }
            config.env.insert("INIT".to_owned(), init);
        }
    };
    let cases = [
        (
            "exit",
            FaultKind::Init,
            "Runtime.ExitError",
            "exit status 3",
        ),
        (
            "error",
            FaultKind::Init,
            "Runtime.ImportModuleError",
            r#"{"errorMessage": "cannot import""#,
        ),
        (
            "sleep",
            FaultKind::Timeout,
            "Sandbox.Timedout",
            "Task timed out after 1.00 seconds",
        ),
    ];
    for (init, kind, error_type, said) in cases {
        let output = Bed::new(always(init)).invoke(json!({})).await;
        let error = output.function_error.unwrap();
        assert_eq!(
            (error.kind, error.error_type.as_str()),
            (kind, error_type),
            "{init}"
        );
        let payload = String::from_utf8_lossy(&output.payload).into_owned();
        assert!(payload.contains(said), "{init}: {payload}");
    }
}

#[tokio::test]
async fn a_program_that_does_not_exist() {
    let bed = Bed::new(|config| config.command = vec!["./nothing".to_owned()]);
    let output = bed.invoke(json!({})).await;
    assert_eq!(
        output.function_error.unwrap().error_type,
        "Runtime.InvalidEntrypoint"
    );
    assert!(
        String::from_utf8_lossy(&output.payload).contains("nothing"),
        "{:?}",
        output.payload
    );
}

#[tokio::test]
async fn the_first_report_alone_carries_the_init_duration() {
    let bed = Bed::new(|_| ());
    for _ in 0..2 {
        bed.ask(json!({"do": "print", "line": "x"})).await;
        bed.reached(local_lambda::EnvironmentState::Frozen).await;
    }
    let reports = bed
        .platform
        .events
        .snapshot()
        .into_iter()
        .filter(|event| event.kind == "platform.report");
    let with_init: Vec<bool> = reports
        .map(|event| event.record["metrics"]["initDurationMs"].is_f64())
        .collect();
    assert_eq!(with_init, [true, false]);
}
