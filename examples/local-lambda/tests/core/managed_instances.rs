//! Managed Instances: invocations side by side in one environment that is never frozen.

use expect_test::expect;
use futures::future::join_all;
use local_lambda::{FaultKind, FunctionConfig, Initialization, InvokeError, InvokeRequest};
use serde_json::{Value, json};

use crate::bed::{Bed, eventually, process_state};

fn managed(max_concurrency: u32) -> impl FnOnce(&mut FunctionConfig) {
    move |config| {
        config.initialization = Initialization::ManagedInstances { max_concurrency };
        config
            .env
            .insert("EXT_EVENTS".to_owned(), "SHUTDOWN".to_owned());
    }
}

#[tokio::test]
async fn invocations_run_side_by_side_in_one_environment() {
    let bed = Bed::new(managed(3));
    let meet = json!({"do": "meet", "with": 3});
    let met = join_all((0..3).map(|_| bed.ask(meet.clone()))).await;
    assert_eq!(met, [3, 3, 3]);
    let environments = bed.function.environments();
    assert_eq!(environments.len(), 1);
    assert_eq!(environments[0].invocations, 3);
    let state = process_state(environments[0].pids[0]);
    assert_ne!(state, Some('T'), "time goes on between invocations");
    bed.function.shutdown().await;
    assert!(bed.function.environments().is_empty());
}

#[tokio::test]
async fn more_than_it_takes_are_throttled() {
    let bed = Bed::new(managed(2));
    bed.ask(json!({})).await;
    let sleeps = (0..2).map(|_| bed.ask(json!({"do": "sleep", "seconds": 2})));
    let refused = async {
        eventually(|| bed.function.environments()[0].invocations == 3).await;
        bed.function.invoke(InvokeRequest::new("{}")).await
    };
    let (_, refused) = tokio::join!(join_all(sleeps), refused);
    assert!(
        matches!(refused, Err(InvokeError::Throttled { limit: 2, .. })),
        "{refused:?}"
    );
    bed.function.shutdown().await;
}

#[tokio::test]
async fn records_are_those_of_schema_2025_01_29() {
    let bed = Bed::with_extensions(&["reader"], managed(2));
    bed.ask(json!({})).await;
    let failed = bed
        .invoke(json!({"do": "error", "type": "Function.Bad"}))
        .await;
    assert_eq!(failed.function_error.unwrap().kind, FaultKind::Error);
    bed.function.shutdown().await;
    expect![[r#"
        initStart init
        initRuntimeDone init success
        extension reader Ready
        initReport init success
        start
        report success
        start
        report error Function.Bad"#]]
    .assert_eq(&bed.records().join("\n"));
    let events = bed.platform.events.snapshot();
    let report = events
        .iter()
        .find(|event| event.kind == "platform.report")
        .unwrap();
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&report.record["metrics"]), ["durationMs"]);
    let spans = report.record["spans"].as_array().unwrap().iter();
    let spans: Vec<&str> = spans.map(|span| span["name"].as_str().unwrap()).collect();
    assert_eq!(spans, ["responseLatency", "responseDuration"]);
    assert_eq!(
        events[0].record["initializationType"],
        "lambda-managed-instances"
    );
    let heard = bed.logged("extension event");
    assert_eq!(heard, ["SHUTDOWN spindown"], "no INVOKE");
}

#[tokio::test]
async fn an_extension_may_not_ask_for_invoke() {
    let bed = Bed::with_extensions(&["reader"], |config| {
        managed(2)(config);
        config
            .env
            .insert("EXT_EVENTS".to_owned(), "INVOKE,SHUTDOWN".to_owned());
    });
    let failed = bed.invoke(json!({})).await;
    assert_eq!(failed.function_error.unwrap().kind, FaultKind::Init);
    bed.function.shutdown().await;
    let refused = bed.logged("extension register 403");
    assert!(
        refused
            .iter()
            .any(|body| body.contains("Extension.InvalidEventType")),
        "{:?}",
        bed.log()
    );
}

#[tokio::test]
async fn code_that_ran_past_its_deadline_runs_on() {
    let bed = Bed::new(|config| {
        managed(2)(config);
        config.timeout = std::time::Duration::from_secs(1);
    });
    bed.ask(json!({})).await;
    let late = bed.invoke(json!({"do": "sleep", "seconds": 2})).await;
    assert_eq!(late.function_error.unwrap().kind, FaultKind::Timeout);
    bed.ask(json!({})).await;
    eventually(|| bed.logged("function response") == ["410"]).await;
    bed.function.shutdown().await;
    assert!(
        bed.records().contains(&"report timeout".to_owned()),
        "{:?}",
        bed.records()
    );
}

#[tokio::test]
async fn a_crash_takes_everyone_with_it_and_the_next_invocation_starts_anew() {
    let bed = Bed::new(managed(2));
    bed.ask(json!({})).await;
    let (sleeping, crashed) = tokio::join!(
        bed.invoke(json!({"do": "sleep", "seconds": 30})),
        bed.invoke(json!({"do": "exit", "code": 3}))
    );
    for output in [sleeping, crashed] {
        assert_eq!(
            output.function_error.unwrap().error_type,
            "Runtime.ExitError"
        );
    }
    bed.ask(json!({})).await;
    bed.function.shutdown().await;
}
