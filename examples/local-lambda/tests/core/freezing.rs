//! Between invocations time stops for every process of an environment.

use local_lambda::EnvironmentState;
use serde_json::json;

use crate::bed::{Bed, eventually, process_state};

#[tokio::test]
async fn processes_stop_after_an_invocation_and_continue_with_the_next() {
    let bed = Bed::with_extensions(&["watcher"], |_| ());
    let before = bed.ask(json!({"do": "ticks"})).await;
    assert_eq!(before["ticks"], 0);
    bed.reached(EnvironmentState::Frozen).await;
    let pids = bed.function.environments()[0].pids.clone();
    assert_eq!(pids.len(), 2, "extension and runtime");
    eventually(|| pids.iter().all(|pid| process_state(*pid) == Some('T'))).await;

    // A second in which a thread that runs would tick a hundred times.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let after = bed.ask(json!({"do": "ticks"})).await;
    assert!(after["ticks"].as_u64().unwrap() < 50, "{after}");
    assert_eq!(
        bed.function.environments()[0].pids,
        pids,
        "the same processes"
    );
    assert_eq!(bed.function.environments()[0].invocations, 2);
}

#[tokio::test]
async fn a_process_that_ends_in_its_sleep_is_replaced() {
    let bed = Bed::new(|_| ());
    let first = bed.ask(json!({"do": "pid"})).await;
    bed.reached(EnvironmentState::Frozen).await;
    let pid = i32::try_from(first["pid"].as_i64().unwrap()).unwrap();
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(pid),
        nix::sys::signal::Signal::SIGKILL,
    )
    .unwrap();
    eventually(|| bed.function.environments()[0].pids.is_empty()).await;
    let second = bed.ask(json!({"do": "pid"})).await;
    assert_ne!(first, second);
    assert_eq!(
        bed.records()
            .iter()
            .filter(|record| *record == "initStart invoke")
            .count(),
        1
    );
}
