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

/// It was killed, and another store is served at its address by now, even with the same token.
#[test]
fn a_serve_of_another_store_is_not_asked() {
    let (url, _folder) = tell(&checkout()).close();
    let other = tempfile::tempdir().unwrap();
    let other = other.path().join("other.duckdb");
    let _serve = Serve::start(&other, "127.0.0.1:0");
    let presence = std::fs::read(format!("{}.serve.json", other.display())).unwrap();
    std::fs::write(url.serve_file(), presence).unwrap();

    let ask = || {
        let arguments = [
            "sql",
            "--store",
            &url.to_string(),
            "--format",
            "csv",
            "SELECT count(*) > 0 AS any FROM spans",
        ];
        baton(&arguments, &[], "")
    };
    assert_eq!(ask().stdout, "any\ntrue\n");

    // Also while a process has the file that cannot be asked.
    let held =
        baton_store::schema::Store::open(&url, &baton_store::schema::Settings::default()).unwrap();
    let answer = ask();
    assert_eq!(answer.code, Some(1));
    assert!(
        answer.stderr.contains("is held by another process"),
        "{}",
        answer.stderr
    );
    drop(held);
}

/// DuckDB's lock is the process's: a second opening would not be refused, and its end would give the lock away.
#[tokio::test]
async fn a_store_that_this_process_writes() {
    let told = tell(&checkout());
    let error = baton_store::query::Source::open(&told.url)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is held by another process: this one (PID"),
        "{error}"
    );
    let answer = baton(
        &["sql", "--store", &told.url.to_string(), "SELECT 1"],
        &[],
        "",
    );
    assert_eq!(
        answer.code,
        Some(1),
        "the lock is still there: {}",
        answer.stdout
    );
}
