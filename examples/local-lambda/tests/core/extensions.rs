//! Extensions: registration, events, and what happens to the environment when one fails.

use std::time::Duration;

use expect_test::expect;
use local_lambda::{EnvironmentState, FaultKind};
use serde_json::{Value, json};

use crate::bed::{Bed, executable};

fn set(config: &mut local_lambda::FunctionConfig, pairs: &[(&str, &str)]) {
    config.env.extend(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
}

#[tokio::test]
async fn an_extension_lives_from_register_to_shutdown() {
    let bed = Bed::with_extensions(&["watcher"], |_| ());
    let output = bed.invoke(json!({"do": "print", "line": "hello"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    bed.end().await;
    let id = output.request_id.to_string();
    let log: Vec<String> = bed
        .log()
        .into_iter()
        .map(|line| line.replace(&id, "ID"))
        .collect();
    let of_extension: Vec<&str> = log
        .iter()
        .filter_map(|line| line.strip_prefix("extension "))
        .collect();
    expect![[r#"
        sees ['AWS_LAMBDA_FUNCTION_NAME']
        registers
        register 200 {"accountId":"000000000000","functionName":"f","functionVersion":"$LATEST","handler":"handler"}
        event INVOKE ID
        worked
        event SHUTDOWN spindown
        bye
    "#]]
    .assert_eq(&(of_extension.join("\n") + "\n"));
    assert_eq!(bed.logged("function "), ["hello"]);
    assert!(
        bed.records()
            .contains(&"extension watcher Ready".to_owned()),
        "{:?}",
        bed.records()
    );
}

#[tokio::test]
async fn the_runtime_starts_when_all_extensions_have_registered() {
    let bed = Bed::with_extensions(&["quick", "slow"], |config| {
        set(config, &[("EXT_SLOW_START", "0.3")]);
        let program = config.task_root.clone().unwrap().join("bootstrap");
        executable(
            &program,
            &format!(
                "#!/bin/sh\necho runtime starts\nexec {}\n",
                config.command.join(" ")
            ),
        );
        config.command = vec!["./bootstrap".to_owned()];
    });
    bed.ask(json!({"do": "print", "line": "x"})).await;
    bed.end().await;
    let log = bed.log();
    let starts = log
        .iter()
        .position(|line| line == "function runtime starts")
        .unwrap();
    let last_registered = log
        .iter()
        .rposition(|line| line == "extension registers")
        .unwrap();
    assert!(last_registered < starts, "{log:#?}");
}

#[tokio::test]
async fn refusals_name_their_type() {
    let bed = Bed::with_extensions(&["watcher"], |config| set(config, &[("EXT_REFUSALS", "1")]));
    bed.ask(json!({"do": "print", "line": "x"})).await;
    bed.end().await;
    let show = |line: String| match line.split_once(' ') {
        Some((status, body)) => {
            let body: Value =
                serde_json::from_str(body).unwrap_or_else(|_| json!({"errorType": body}));
            format!("{status} {}", body["errorType"].as_str().unwrap())
        }
        None => line,
    };
    let refused: Vec<String> = bed
        .logged("extension refused")
        .into_iter()
        .map(show)
        .collect();
    expect![[r#"
        403 Extension.InvalidExtensionName
        403 InvalidRequestFormat
        403 Extension.InvalidExtensionState
        403 Extension.InvalidEventType
        403 Extension.MissingExtensionIdentifier
        403 Extension.InvalidExtensionIdentifier
        403 Extension.UnknownExtensionIdentifier
        403 Extension.MissingHeader
        400 ValidationError
        200 pong"#]]
    .assert_eq(&refused.join("\n"));
}

#[tokio::test]
async fn the_answer_does_not_wait_for_extensions_but_the_environment_does() {
    let bed = Bed::with_extensions(&["worker"], |config| set(config, &[("EXT_WORK", "0.5")]));
    bed.ask(json!({"do": "print", "line": "x"})).await;
    assert!(
        bed.logged("extension worked").is_empty(),
        "the answer came first"
    );
    assert_eq!(
        bed.function.environments()[0].state,
        EnvironmentState::Finishing
    );
    bed.reached(EnvironmentState::Frozen).await;
    assert_eq!(bed.logged("extension worked").len(), 1);
}

#[tokio::test]
async fn an_extension_that_crashes_takes_the_environment_down() {
    let bed = Bed::with_extensions(&["fragile"], |config| set(config, &[("EXT_CRASH", "1")]));
    let output = bed.invoke(json!({"do": "sleep", "seconds": 20})).await;
    let error = output.function_error.unwrap();
    assert_eq!(
        (error.kind, error.error_type.as_str()),
        (FaultKind::Crash, "Extension.Crash")
    );
    bed.reached(EnvironmentState::Reset).await;
    assert!(
        bed.records()
            .contains(&"report error Extension.Crash".to_owned()),
        "{:?}",
        bed.records()
    );
}

#[tokio::test]
async fn an_extension_may_refuse_to_start() {
    let bed = Bed::with_extensions(&["picky"], |config| set(config, &[("EXT_INIT_ERROR", "1")]));
    let output = bed.invoke(json!({})).await;
    let error = output.function_error.unwrap();
    assert_eq!(
        (error.kind, error.error_type.as_str()),
        (FaultKind::Init, "Extension.InitError")
    );
    let records = bed.records();
    assert!(
        records.contains(&"extension picky InitError Extension.ConfigInvalid".to_owned()),
        "{records:?}"
    );
}

#[tokio::test]
async fn shutdown_takes_two_seconds_at_most() {
    let bed = Bed::with_extensions(&["stubborn"], |config| {
        set(config, &[("EXT_STUBBORN", "1")])
    });
    bed.ask(json!({"do": "print", "line": "x"})).await;
    // The extension would sleep for a minute.
    tokio::time::timeout(Duration::from_secs(10), bed.function.shutdown())
        .await
        .unwrap();
    assert_eq!(bed.logged("extension event SHUTDOWN"), ["spindown"]);
    assert!(bed.logged("extension bye").is_empty());
}

#[tokio::test]
async fn an_extension_without_events_is_left_alone() {
    let bed = Bed::with_extensions(&["silent"], |config| set(config, &[("EXT_EVENTS", "")]));
    bed.ask(json!({"do": "print", "line": "x"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    bed.end().await;
    assert!(bed.logged("extension event").is_empty());
}

#[tokio::test]
async fn eleven_are_too_many_and_what_is_no_program_is_no_extension() {
    let names: Vec<String> = (0..11).map(|number| format!("e{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let bed = Bed::with_extensions(&names, |_| ());
    let output = bed.invoke(json!({})).await;
    assert_eq!(
        output.function_error.unwrap().error_type,
        "Extension.LaunchError"
    );

    let bed = Bed::with_extensions(&["watcher"], |config| {
        let readme = config.opt.clone().unwrap().join("extensions/README");
        std::fs::write(readme, "no program").unwrap();
    });
    bed.ask(json!({"do": "print", "line": "x"})).await;
    assert_eq!(bed.logged("extension register 200").len(), 1);
}

#[tokio::test]
async fn a_thread_of_the_runtime_may_be_an_extension() {
    let bed = Bed::new(|config| set(config, &[("INTERNAL", "inside")]));
    assert_eq!(bed.ask(json!({"do": "too late"})).await, "seen");
    bed.end().await;
    let types = |line: String| {
        let (status, body) = line.split_once(' ').unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        format!("{status} {}", body["errorType"].as_str().unwrap())
    };
    let refused: Vec<String> = bed
        .logged("function too late")
        .into_iter()
        .map(types)
        .collect();
    assert_eq!(
        refused,
        [
            "403 Extension.RegistrationClosed",
            "403 Telemetry.SubscriptionClosed"
        ]
    );
    assert_eq!(bed.logged("function internal"), ["INVOKE"]);
    assert!(
        bed.records().contains(&"extension inside Ready".to_owned()),
        "{:?}",
        bed.records()
    );
}
