//! Stores that cannot be opened: one sentence each.

use baton_store::schema::{Settings, Store};
use baton_store::url::StoreUrl;
use duckdb::Connection;
use expect_test::{Expect, expect};
use std::path::Path;

use crate::support::process::{Serve, run, serve_command};
use crate::support::requests::{PROTOBUF, body};
use crate::support::{settle, spans_and_ids};

#[track_caller]
fn check(path: &Path, expected: &Expect) {
    let error = Store::open(&StoreUrl::duckdb(path), &Settings::default()).unwrap_err();
    let folder = path.parent().unwrap().display().to_string();
    expected.assert_eq(&error.to_string().replace(&folder, "FOLDER"));
}

#[test]
fn files_that_are_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);

    std::fs::write(
        at("text"),
        "not a database, and longer than a header would be. ".repeat(500),
    )
    .unwrap();
    check(
        &at("text"),
        &expect![
            "store `FOLDER/text` is no DuckDB database: expected one, or a path where nothing is yet; give another path or move the file away"
        ],
    );
    std::fs::write(at("short"), "no").unwrap();
    check(
        &at("short"),
        &expect![
            "store `FOLDER/short` is no DuckDB database: expected one, or a path where nothing is yet; give another path or move the file away"
        ],
    );
    std::fs::create_dir(at("dir")).unwrap();
    check(
        &at("dir"),
        &expect![
            "store `FOLDER/dir` is a folder: expected the path of a file, for example `duckdb:FOLDER/dir/spans.duckdb`"
        ],
    );
    let missing = at("missing").join("s.duckdb");
    check(
        &missing,
        &expect![
            "store `FOLDER/s.duckdb` has no folder to lie in: expected `FOLDER` to exist; create it first"
        ],
    );

    Connection::open(at("foreign"))
        .unwrap()
        .execute_batch("CREATE TABLE spans (x INTEGER)")
        .unwrap();
    check(
        &at("foreign"),
        &expect![
            "store `FOLDER/foreign` is a database that Baton did not make: expected a store, or a path where nothing is yet; give another path"
        ],
    );

    drop(Store::open(&StoreUrl::duckdb(at("newer")), &Settings::default()).unwrap());
    Connection::open(at("newer"))
        .unwrap()
        .execute_batch("INSERT INTO baton_data.schema_version VALUES (4711, now())")
        .unwrap();
    check(
        &at("newer"),
        &expect![
            "store `FOLDER/newer` has schema version 4711, and this program knows up to 2: use a newer `baton`"
        ],
    );
}

#[test]
fn a_store_is_opened_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::duckdb(folder.path().join("s.duckdb"));
    for _ in 0..2 {
        let store = Store::open(&url, &Settings::default()).unwrap();
        let versions: i64 = store
            .connection()
            .query_row(
                "SELECT count(*) FROM baton_data.schema_version",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(versions, 2);
    }
}

#[test]
fn a_user_may_have_tables_beside_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    drop(Store::open(&StoreUrl::duckdb(&path), &Settings::default()).unwrap());
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE mine AS SELECT 1 AS x")
        .unwrap();
    Store::open(&StoreUrl::duckdb(&path), &Settings::default()).unwrap();
}

#[test]
fn the_same_file_twice_in_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    let _first = Store::open(&StoreUrl::duckdb(&path), &Settings::default()).unwrap();
    check(
        &path,
        &expect![
            "store `FOLDER/s.duckdb` is open in this process already: expected to open it once"
        ],
    );
}

#[test]
fn a_file_that_another_process_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    let serve = Serve::start(&path, "127.0.0.1:0");
    let (code, stderr) = run(serve_command(&path, "127.0.0.1:0"));
    assert_eq!(code, Some(1));
    let stderr = stderr
        .replace(&path.display().to_string(), "PATH")
        .replace(&serve.pid().to_string(), "PID");
    expect![[r#"
        error: store `PATH` is in use by process PID: expected to be the only one that writes it; a `baton serve` holds it: send spans to its OTLP address, ask it with `baton sql`, or stop it
    "#]].assert_eq(&stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_torn_off_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    let serve = Serve::start(&path, "127.0.0.1:0");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for i in 0..3 {
        let sent = client
            .post(&serve.otlp_url)
            .header("content-type", PROTOBUF)
            .body(body(i * 10..i * 10 + 10))
            .send()
            .await;
        assert_eq!(sent.unwrap().status(), 200);
    }
    serve.kill();
    // As if the machine had lost power within the next write.
    let logs = std::fs::read_dir(folder.path().join("s.duckdb.hot")).unwrap();
    let logs = logs.map(|entry| entry.unwrap().path());
    for log in logs.filter(|path| path.extension().is_some_and(|kind| kind == "log")) {
        let mut torn = std::fs::OpenOptions::new().append(true).open(log).unwrap();
        std::io::Write::write_all(&mut torn, &[7; 100]).unwrap();
    }
    settle(&path).await;
    assert_eq!(spans_and_ids(&path), (30, 30));
}
