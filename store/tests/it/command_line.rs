//! The `baton` command: what it prints, where, and how it ends.

use std::process::{Command, Stdio};

use expect_test::{Expect, expect};

use crate::baton::baton;
use crate::story::{CHECKOUT, checkout, tell};

#[test]
fn trace_and_workflow() {
    let (url, _folder) = tell(&checkout()).close();
    let store = url.to_string();
    let of = |command: &str, id: &str, format: &str| {
        baton(
            &[command, "--store", &store, id, "--format", format],
            &[],
            "",
        )
    };
    let workflow = of("workflow", CHECKOUT, "text");
    assert_eq!((workflow.code, workflow.stderr.as_str()), (Some(0), ""));
    assert!(
        workflow
            .stdout
            .starts_with("order-api  POST /checkout\nworkflow 5b8efff798038103d269b633813fc60c · "),
        "{}",
        workflow.stdout
    );
    assert!(workflow.stdout.contains("notification") && !workflow.stdout.contains('\u{1b}'));
    // From any trace of it.
    assert_eq!(
        of("workflow", &"b".repeat(32), "text").stdout,
        workflow.stdout
    );

    let trace = of("trace", &CHECKOUT.to_uppercase(), "text");
    assert!(
        trace.stdout.contains("wait shipments") && !trace.stdout.contains("notification  "),
        "{}",
        trace.stdout
    );

    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&of("workflow", CHECKOUT, "json").stdout).unwrap();
    assert_eq!(rows.len(), 34);
    assert_eq!(rows[0]["position"], 1);
}

#[test]
fn failures() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display().to_string();
    std::fs::write(
        folder.path().join("text.duckdb"),
        "no database".repeat(1_000),
    )
    .unwrap();
    drop(duckdb::Connection::open(folder.path().join("other.duckdb")).unwrap());
    let (url, _store_folder) = tell(&checkout()).close();
    let store = url.to_string();
    let check = |arguments: &[&str], expected: Expect| {
        expected.assert_eq(&baton(arguments, &[], "").failure(&dir))
    };

    check(
        &["sql", "SELECT 1"],
        expect![
            "2: error: no store is named: expected `--store duckdb:PATH`, or BATON_STORE=duckdb:PATH in the environment"
        ],
    );
    check(
        &["sql", "--store", "spans.duckdb", "SELECT 1"],
        expect![[r#"
        2: error: invalid value 'spans.duckdb' for '--store <URL>': store `spans.duckdb` has no known scheme: expected `duckdb:PATH`, here perhaps `duckdb:spans.duckdb`

        For more information, try '--help'."#]],
    );
    check(
        &[
            "sql",
            "--store",
            &format!("duckdb:{dir}/none.duckdb"),
            "SELECT 1",
        ],
        expect![[r#"
        1: error: store `DIR/none.duckdb` does not exist: expected a file that `baton serve` or the ingest function wrote
        hint: check the path, or start `baton serve --store duckdb:PATH` to make a new store"#]],
    );
    check(
        &[
            "sql",
            "--store",
            &format!("duckdb:{dir}/text.duckdb"),
            "SELECT 1",
        ],
        expect![[r#"
        1: error: store `DIR/text.duckdb` is no DuckDB database: expected a file that `baton serve` or the ingest function wrote
        hint: check the path: a store's file is usually called `something.duckdb`"#]],
    );
    check(
        &[
            "sql",
            "--store",
            &format!("duckdb:{dir}/other.duckdb"),
            "SELECT * FROM spans",
        ],
        expect![[r#"
        1: error: Catalog Error: Table with name spans does not exist!
        Did you mean "pg_class"?

        LINE 1: SELECT * FROM spans
                              ^
        hint: this file is a database, but no store: expected one that `baton serve` or the ingest function wrote"#]],
    );
    check(
        &["sql", "--store", &store, "SELECT service FROM spans"],
        expect![[r#"
        1: error: Binder Error: Referenced column "service" not found in FROM clause!
        Candidate bindings: "rpc.service", "service_name", "start_time", "faas.trigger", "server.address"

        LINE 1: SELECT service FROM spans
                       ^
        hint: `DESCRIBE spans` lists the columns; any other attribute is `attributes['its.name']`"#]],
    );
    check(
        &["sql", "--store", &store, "DROP VIEW spans"],
        expect![[r#"
        1: error: Invalid Input Error: Cannot execute statement of type "DROP" on database "spans" which is attached in read-only mode!
        hint: `baton sql` only reads; spans come in through `baton serve` or the ingest function"#]],
    );
    check(
        &["sql", "--store", &store, ""],
        expect![
            "1: error: no statement to run: expected SQL, for example `SELECT count(*) FROM spans`"
        ],
    );
    check(
        &["sql", "--store", &store, "--format", "xml", "SELECT 1"],
        expect![[r#"
        2: error: invalid value 'xml' for '--format <FORMAT>': format `xml` is unknown: expected `table`, `json`, `ndjson` or `csv`

        For more information, try '--help'."#]],
    );
    check(
        &["trace", "--store", &store, "5b8e"],
        expect![[r#"
        2: error: invalid value '5b8e' for '<ID>': expected 32 hexadecimal digits, found 4

        For more information, try '--help'."#]],
    );
    check(
        &["sqll"],
        expect![[r#"
        2: error: unrecognized subcommand 'sqll'

          tip: a similar subcommand exists: 'sql'

        Usage: baton <COMMAND>

        For more information, try '--help'."#]],
    );
    check(
        &["sql", "--stroe", &store],
        expect![[r#"
        2: error: unexpected argument '--stroe' found

          tip: a similar argument exists: '--store'

        Usage: baton sql --store <URL> [SQL]

        For more information, try '--help'."#]],
    );
    let unknown = baton(&["workflow", "--store", &store, &"9".repeat(32)], &[], "");
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown
            .stderr
            .contains("error: trace `99999999999999999999999999999999` is not in `duckdb:"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let (url, _folder) = tell(&[]).close();
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command.args([
        "sql",
        "--store",
        &url.to_string(),
        "--format",
        "ndjson",
        "SELECT * FROM range(200000)",
    ]);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap()
        ),
        (Some(0), String::new())
    );
}

#[test]
fn every_command_teaches_by_example() {
    for command in ["serve", "sql", "trace", "workflow"] {
        let help = baton(&[command, "--help"], &[], "");
        assert_eq!(help.code, Some(0));
        assert!(
            help.stdout.contains("Examples:\n  baton ") && help.stdout.contains("BATON_STORE"),
            "{}",
            help.stdout
        );
    }
    assert_eq!(baton(&[], &[], "").code, Some(2));
}
