//! Environments: how many, which one, and that none is left behind.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use local_lambda::{
    EnvironmentState, Function, FunctionConfig, InvokeError, InvokeRequest, Platform,
};
use serde_json::json;

use crate::bed::{Bed, eventually, is_gone};

fn sleep(seconds: f64) -> InvokeRequest {
    InvokeRequest::new(json!({"do": "sleep", "seconds": seconds}).to_string())
}

#[tokio::test]
async fn environments_grow_to_the_limit_and_then_callers_are_throttled() {
    let bed = Bed::new(|config| config.concurrency = 2);
    let (first, second, third) = tokio::join!(
        bed.function.invoke(sleep(0.5)),
        bed.function.invoke(sleep(0.5)),
        bed.function.invoke(sleep(0.5))
    );
    assert!(first.is_ok() && second.is_ok());
    let refused = third.unwrap_err();
    assert!(
        matches!(refused, InvokeError::Throttled { limit: 2, .. }),
        "{refused}"
    );

    let environments = bed.function.environments();
    let addresses: BTreeSet<_> = environments
        .iter()
        .map(|environment| environment.address)
        .collect();
    assert_eq!(addresses.len(), 2, "each has an address of its own");
    assert!(
        addresses
            .iter()
            .all(|address| address.octets()[0] == 127 && address.octets()[1..3] != [0, 0])
    );
}

#[tokio::test]
async fn the_last_one_used_is_used_next() {
    let bed = Bed::new(|config| config.concurrency = 3);
    let (a, b) = tokio::join!(
        bed.function.invoke(sleep(0.2)),
        bed.function.invoke(sleep(0.2))
    );
    assert!(a.is_ok() && b.is_ok());
    bed.reached(EnvironmentState::Frozen).await;
    let first = bed.ask(json!({"do": "pid"})).await;
    for _ in 0..3 {
        bed.reached(EnvironmentState::Frozen).await;
        assert_eq!(bed.ask(json!({"do": "pid"})).await, first);
    }
    assert_eq!(bed.function.environments().len(), 2);
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_with_it() {
    let bed = Bed::new(|config| config.concurrency = 1);
    let impatient =
        tokio::time::timeout(Duration::from_millis(300), bed.function.invoke(sleep(0.6))).await;
    assert!(impatient.is_err());
    bed.reached(EnvironmentState::Frozen).await;
    assert_eq!(
        bed.ask(json!({"do": "print", "line": "x"})).await,
        "printed"
    );
    assert_eq!(bed.function.environments()[0].invocations, 2);
}

#[tokio::test]
async fn an_idle_environment_is_shut_down() {
    let bed = Bed::with_extensions(&["watcher"], |_| ());
    let config = bed.function.config().clone();
    let platform = Platform {
        idle_timeout: Duration::from_millis(200),
        log_dir: Some(bed.directory.path().join("logs")),
        ..Platform::default()
    };
    let function = Function::new(config, Arc::new(platform));
    function.invoke(InvokeRequest::new("{}")).await.unwrap();
    eventually(|| function.environments().is_empty()).await;
    assert_eq!(bed.logged("extension event SHUTDOWN"), ["spindown"]);
    function.invoke(InvokeRequest::new("{}")).await.unwrap();
}

#[tokio::test]
async fn no_process_outlives_a_shutdown_or_a_drop() {
    let bed = Bed::new(|_| ());
    let answer = bed.ask(json!({"do": "child"})).await;
    let pids = [pid(&answer["pid"]), pid(&answer["child"])];
    bed.function.shutdown().await;
    eventually(|| pids.iter().all(|pid| is_gone(*pid))).await;
    let refused = bed
        .function
        .invoke(InvokeRequest::new("{}"))
        .await
        .unwrap_err();
    assert!(matches!(refused, InvokeError::Shutdown { .. }), "{refused}");

    let bed = Bed::new(|_| ());
    let answer = bed.ask(json!({"do": "child"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    let pids = [pid(&answer["pid"]), pid(&answer["child"])];
    drop(bed);
    eventually(|| pids.iter().all(|pid| is_gone(*pid))).await;
}

#[tokio::test]
async fn a_shutdown_cuts_off_what_is_under_way() {
    let bed = Bed::new(|_| ());
    let function = Arc::clone(&bed.function);
    let caller = tokio::spawn(async move { function.invoke(sleep(60.0)).await });
    eventually(|| {
        bed.function
            .environments()
            .iter()
            .any(|one| one.state == EnvironmentState::Running)
    })
    .await;
    tokio::time::timeout(Duration::from_secs(20), bed.function.shutdown())
        .await
        .unwrap();
    let refused = caller.await.unwrap().unwrap_err();
    assert!(matches!(refused, InvokeError::Shutdown { .. }), "{refused}");
    assert!(bed.function.environments().is_empty());
}

#[tokio::test]
async fn a_function_works_without_log_directory() {
    let command = [crate::bed::python(), "-c", include_str!("runtime.py")];
    let function = Function::new(
        FunctionConfig::new("g", command),
        Arc::new(Platform::default()),
    );
    let output = function.invoke(InvokeRequest::new("{}")).await.unwrap();
    assert_eq!(output.executed_version, "$LATEST");
    function.shutdown().await;
}

fn pid(value: &serde_json::Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}
