//! The Telemetry API as an extension lives it.

use expect_test::expect;
use local_lambda::{EnvironmentState, FunctionConfig};
use serde_json::json;

use crate::bed::{Bed, eventually};

fn set(config: &mut FunctionConfig, pairs: &[(&str, &str)]) {
    config.env.extend(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
}

#[tokio::test]
async fn records_arrive_in_order_from_the_first_one_on() {
    // The extension stays awake for a while after each event, so that records reach it before the freeze.
    let bed = Bed::with_extensions(&["reader"], |config| {
        set(
            config,
            &[("EXT_TELEMETRY", "platform,function"), ("EXT_WORK", "0.3")],
        );
    });
    bed.ask(json!({"do": "print", "line": "hello"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    bed.end().await;
    assert_eq!(bed.logged("extension subscribe"), ["200 \"OK\""]);
    let mut got = bed.logged("extension got");
    // The line and `runtimeDone` come through different doors.
    let line = got
        .iter()
        .position(|record| record == "function hello")
        .unwrap();
    got.remove(line);
    expect![[r#"
        platform.initStart
        platform.telemetrySubscription
        platform.initRuntimeDone
        platform.extension
        platform.initReport
        platform.start
        platform.runtimeDone
        platform.report"#]]
    .assert_eq(&got.join("\n"));
}

#[tokio::test]
async fn only_what_was_asked_for() {
    let bed = Bed::with_extensions(&["reader"], |config| {
        set(
            config,
            &[
                ("EXT_TELEMETRY", "function"),
                ("EXT_WORK", "0.3"),
                ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ],
        );
    });
    bed.ask(json!({"do": "print", "line": "{\"level\":\"INFO\"}"}))
        .await;
    bed.ask_when_free(json!({"do": "print", "line": "no object"}))
        .await;
    bed.end().await;
    // Python shows the object as its dict, the string as itself.
    assert_eq!(
        bed.logged("extension got"),
        ["function {'level': 'INFO'}", "function no object"]
    );
}

#[tokio::test]
async fn a_receiver_that_fails_loses_its_batch_and_is_told_once() {
    let bed = Bed::with_extensions(&["reader"], |config| {
        set(
            config,
            &[
                ("EXT_TELEMETRY", "platform"),
                ("EXT_WORK", "0.3"),
                ("EXT_TELEMETRY_STATUS", "500"),
            ],
        );
    });
    bed.ask(json!({"do": "print", "line": "x"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    eventually(|| bed.records().iter().any(|record| record == "logsDropped")).await;
    bed.end().await;
    let dropped = bed
        .platform
        .events
        .snapshot()
        .into_iter()
        .filter(|event| event.kind == "platform.logsDropped");
    let reasons: Vec<String> = dropped
        .map(|event| event.record["reason"].to_string())
        .collect();
    assert!(
        reasons.iter().all(|reason| reason.contains("500")),
        "{reasons:?}"
    );
    assert!(
        reasons.len() < 10,
        "a loss that is only told in a lost batch is not told again: {}",
        reasons.len()
    );
}

#[tokio::test]
async fn metrics_and_spans_of_an_invocation() {
    let bed = Bed::new(|_| ());
    bed.ask(json!({"do": "print", "line": "x"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    let find = |kind: &str| {
        let events = bed.platform.events.snapshot();
        events
            .into_iter()
            .find(|event| event.kind == kind)
            .map(|event| event.record)
            .unwrap()
    };
    let done = find("platform.runtimeDone");
    assert_eq!(done["metrics"]["producedBytes"], "\"printed\"".len());
    let spans: Vec<&str> = done["spans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|span| span["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        spans,
        ["responseLatency", "responseDuration", "runtimeOverhead"]
    );
    let report = find("platform.report");
    assert_eq!(report["metrics"]["memorySizeMB"], 512);
    let (duration, billed) = (
        report["metrics"]["durationMs"].as_f64().unwrap(),
        &report["metrics"]["billedDurationMs"],
    );
    assert!(
        billed.as_u64().unwrap() as f64 >= duration.floor(),
        "{report}"
    );
    assert_eq!(
        find("platform.initStart")["instanceMaxMemory"],
        512 * 1024 * 1024
    );
}
