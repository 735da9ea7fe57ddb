//! `baton search` as a command: mistakes, `--explain`, formats.

use expect_test::{Expect, expect};

use crate::baton::baton;
use crate::story::{CHECKOUT, checkout, tell};

#[test]
fn mistakes_are_pointed_at() {
    let check = |search: &str, expected: Expect| {
        let failure = baton(&["search", "--store", "duckdb:none", search], &[], "").failure("?");
        let lines: Vec<&str> = failure.lines().map(str::trim_end).collect();
        expected.assert_eq(&lines.join("\n"));
    };
    check(
        "status = ",
        expect![[r#"
        2: error: the search has a mistake at character 10: expected `OK`, `ERROR` or `UNSET`, found the end
          status =
                   ^"#]],
    );
    check(
        "user.id = \"usr",
        expect![[r#"
        2: error: the search has a mistake at character 15: expected the closing quote, found the end
          user.id = "usr
                        ^"#]],
    );
    check(
        "(a = 1 OR b = 2",
        expect![[r#"
        2: error: the search has a mistake at character 16: expected `AND`, `OR` or `)`, found the end
          (a = 1 OR b = 2
                         ^"#]],
    );
    check(
        "a = 1 b = 2",
        expect![[r#"
        2: error: the search has a mistake at character 7: expected `AND`, `OR` or the end, found `b`
          a = 1 b = 2
                ^"#]],
    );
    check(
        "duration > 5",
        expect![[r#"
        2: error: the search has a mistake at character 12: expected a duration: `250ms`, `1.5s` or `2m`, found `5`
          duration > 5
                     ^"#]],
    );
    check(
        "größe = 5 AND kind = 7",
        expect![[r#"
        2: error: the search has a mistake at character 22: expected `SERVER`, `CLIENT`, `PRODUCER`, `CONSUMER`, `INTERNAL` or `UNSPECIFIED`, found `7`
          größe = 5 AND kind = 7
                               ^"#]],
    );
    check(
        "a IN 1",
        expect![[r#"
        2: error: the search has a mistake at character 6: expected `(` and a list of values, found `1`
          a IN 1
               ^"#]],
    );
    let nothing = baton(&["search", "--store", "duckdb:none", ""], &[], "");
    assert_eq!(nothing.code, Some(2));
    assert!(
        nothing
            .stderr
            .contains("expected a condition such as `user.id"),
        "{}",
        nothing.stderr
    );
    let deep = "(".repeat(100_000);
    assert_eq!(
        baton(&["search", "--store", "duckdb:none", &deep], &[], "").code,
        Some(2)
    );
}

#[test]
fn it_finds_and_explains() {
    let (url, _folder) = tell(&checkout()).close();
    let store = url.to_string();
    let found = baton(
        &[
            "search",
            "--store",
            &store,
            "user.id = 'usr_12345' AND http.status_code = 202",
            "--format",
            "json",
        ],
        &[],
        "",
    );
    let rows: Vec<serde_json::Value> = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(
        (rows.len(), rows[0]["trace_id"].as_str()),
        (1, Some(CHECKOUT))
    );
    let explained = baton(
        &[
            "search",
            "--store",
            &store,
            "user.id = \"it's $limit\" AND duration > 1s",
            "--explain",
        ],
        &[],
        "",
    );
    assert!(
        explained.stdout.contains("duration_ns > 1000000000")
            && explained.stdout.ends_with("-- $1 = \"it's $limit\"\n"),
        "{}",
        explained.stdout
    );
    let nothing = baton(
        &["search", "--store", &store, "a = 1", "--since", "1h"],
        &[],
        "",
    );
    assert_eq!(
        (nothing.code, nothing.stderr.trim()),
        (
            Some(0),
            "no trace matches: a longer `--since` looks further back"
        )
    );
}
