//! A store that another process holds: `baton serve`, or somebody else.

use crate::baton::baton;
use crate::story::{CHECKOUT, checkout, tell};
use crate::support::process::Serve;

#[test]
fn a_store_that_another_process_holds() {
    let told = tell(&checkout());
    let url = told.url.to_string();
    // This process holds it, and no `serve` answers. A stale file of a killed one changes nothing.
    for stale in [
        None,
        Some(r#"{"address": "127.0.0.1:1", "token": "x"}"#),
        Some("half a li"),
    ] {
        if let Some(stale) = stale {
            std::fs::write(told.url.serve_file(), stale).unwrap();
        }
        let answer = baton(&["sql", "--store", &url, "SELECT 1"], &[], "");
        assert_eq!(answer.code, Some(1));
        assert!(
            answer.stderr.contains(&format!(
                "is held by another process: {}",
                std::env::current_exe().unwrap().display()
            )),
            "{}",
            answer.stderr
        );
        assert!(
            answer
                .stderr
                .contains("\nhint: one process writes a store."),
            "{}",
            answer.stderr
        );
    }
    let (_, _folder) = told.close();
    assert_eq!(
        baton(
            &["sql", "--store", &url, "--format", "csv", "SELECT 1 AS one"],
            &[],
            ""
        )
        .stdout,
        "one\n1\n"
    );
}

/// What holds the file answers for it: the same rows, pictures and errors.
#[test]
fn through_a_running_serve() {
    let (url, _folder) = tell(&checkout()).close();
    let store = url.to_string();
    let questions: [&[&str]; 7] = [
        &[
            "sql",
            "--format",
            "json",
            "SELECT * FROM spans ORDER BY start_time_ns, span_id",
        ],
        &[
            "sql",
            "--format",
            "csv",
            "SELECT sum(duration_ns) AS total, count(*) AS n, any_value(start_time) AS at FROM hops JOIN spans ON span_id = consumer_span_id WHERE queue = 'orders'",
        ],
        &["sql", "DESCRIBE spans"],
        &["sql", "SELECT nope FROM spans"],
        &["trace", CHECKOUT],
        &["workflow", CHECKOUT],
        &["workflow", "--format", "json", CHECKOUT],
    ];
    let ask = || {
        questions
            .map(|question| baton(question, &[("BATON_STORE", &store)], ""))
            .map(|answer| (answer.code, answer.stdout, answer.stderr))
    };
    let direct = ask();
    let serve = Serve::start(url.path(), "127.0.0.1:0");
    let served = ask();
    assert_eq!(serve.terminate().code(), Some(0));
    for ((direct, served), question) in direct.iter().zip(&served).zip(questions) {
        // It runs the statement within another, so only the place in the text differs.
        let place = |(code, stdout, stderr): &(_, String, String)| {
            (
                *code,
                stdout.clone(),
                stderr.split("\n\nLINE").next().map(str::to_owned),
            )
        };
        assert_eq!(place(direct), place(served), "{question:?}");
    }
}
