//! `--format`, and how wide an answer is.

use expect_test::{Expect, expect};

use crate::baton::baton;
use crate::story::{checkout, tell};

#[test]
fn formats() {
    let (url, _folder) = tell(&checkout()).close();
    let store = url.to_string();
    let sql = "SELECT service_name, count(*) AS spans, any_value(attributes['user.id']) AS \"user\" FROM trace('5b8efff798038103d269b633813fc60c') GROUP BY ALL ORDER BY spans DESC, service_name";
    let check = |format: &str, expected: Expect| {
        let answer = baton(
            &["sql", "--store", &store, "--format", format, sql],
            &[],
            "",
        );
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
        expected.assert_eq(&answer.stdout);
        // The same from the environment and from standard input.
        let piped = baton(
            &["sql", "--format", format],
            &[("BATON_STORE", &store)],
            sql,
        );
        assert_eq!((piped.code, piped.stdout), (answer.code, answer.stdout));
    };
    check(
        "table",
        expect![[r#"
        service_name  spans  user
        ────────────  ─────  ─────────
        inventory        15  NULL
        order-api         3  usr_12345
        payment           3  NULL
        shipping          2  NULL
        4 rows
    "#]],
    );
    check(
        "json",
        expect![[r#"
        [
        {"service_name":"inventory","spans":15,"user":null},
        {"service_name":"order-api","spans":3,"user":"usr_12345"},
        {"service_name":"payment","spans":3,"user":null},
        {"service_name":"shipping","spans":2,"user":null}
        ]
    "#]],
    );
    check(
        "ndjson",
        expect![[r#"
        {"service_name":"inventory","spans":15,"user":null}
        {"service_name":"order-api","spans":3,"user":"usr_12345"}
        {"service_name":"payment","spans":3,"user":null}
        {"service_name":"shipping","spans":2,"user":null}
    "#]],
    );
    check(
        "csv",
        expect![[r#"
        service_name,spans,user
        inventory,15,
        order-api,3,usr_12345
        payment,3,
        shipping,2,
    "#]],
    );
}

#[test]
fn the_width_comes_from_columns() {
    let (url, _folder) = tell(&[]).close();
    let sql = "SELECT repeat('x', 300) AS x";
    let width = |columns: &[(&str, &str)]| {
        let answer = baton(&["sql", "--store", &url.to_string(), sql], columns, "");
        answer
            .stdout
            .lines()
            .map(|line| line.chars().count())
            .max()
            .unwrap()
    };
    assert_eq!(width(&[("COLUMNS", "40")]), 40);
    assert_eq!(width(&[("COLUMNS", "")]), 100);
    assert_eq!(width(&[]), 100);
}

/// Literals, `date_trunc` and `strftime` are in UTC, as the times that are shown.
#[test]
fn times_are_utc_wherever_one_sits() {
    let (url, _folder) = tell(&checkout()).close();
    let sql = "SELECT strftime(TIMESTAMPTZ '2026-11-22 16:30:00+00', '%H:%M') AS at, date_trunc('day', TIMESTAMPTZ '2026-11-22 23:30:00+00') AS day";
    let answer = baton(
        &["sql", "--store", &url.to_string(), "--format", "csv", sql],
        &[("TZ", "Asia/Kolkata")],
        "",
    );
    assert_eq!(answer.stderr, "");
    assert_eq!(answer.stdout, "at,day\n16:30,2026-11-22T00:00:00Z\n");
}
