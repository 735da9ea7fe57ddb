//! Command lines and values that a shell, a terminal or a program could trip over.

use crate::baton::baton;
use crate::story::{Span, checkout, tell};

#[test]
fn a_statement_may_begin_with_a_comment() {
    let (url, _folder) = tell(&checkout()).close();
    let store = url.to_string();
    let run = |arguments: &[&str]| baton(arguments, &[("BATON_STORE", &store)], "");
    for sql in [
        "-- how many\nSELECT 1 AS one",
        "--how many\nSELECT 1 AS one",
        "/* one */ SELECT 1 AS one -- done",
        "SELECT 1 AS one; -- done",
    ] {
        for arguments in [
            ["sql", sql, "--format", "csv"],
            ["sql", "--format", "csv", sql],
        ] {
            let answer = run(&arguments);
            assert_eq!(
                (answer.code, answer.stdout.as_str()),
                (Some(0), "one\n1\n"),
                "{sql}: {}",
                answer.stderr
            );
        }
    }
    let wrong = run(&["sql", "--formt", "csv", "SELECT 1"]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong
            .stderr
            .contains("a similar argument exists: '--format'"),
        "{}",
        wrong.stderr
    );
    assert_eq!(run(&["sql", "--bogus"]).code, Some(2));
}

/// Programs get what is stored, every byte of it.
#[test]
fn csv_and_json_are_exact() {
    let odd = "\u{1b}[31mred\u{1b}[0m\u{7f}\u{9b}1m\u{202e}\"a\",\nb";
    let (url, _folder) = tell(&[Span::new("a", 1, "s", odd, 0, 1)]).close();
    let store = url.to_string();
    let of = |format: &str| {
        let sql = "SELECT name FROM spans";
        baton(
            &["sql", "--store", &store, "--format", format, sql],
            &[],
            "",
        )
        .stdout
    };
    let csv = format!("name\n\"{}\"\n", odd.replace('"', "\"\""));
    assert_eq!(of("csv"), csv);
    for format in ["json", "ndjson"] {
        let json: serde_json::Value = serde_json::from_str(&of(format)).unwrap();
        let row = if format == "json" { &json[0] } else { &json };
        assert_eq!(row["name"], odd);
    }
    let table = of("table");
    assert!(
        !table.contains(['\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}']),
        "{table:?}"
    );
}

/// An error may quote what a span holds.
#[test]
fn an_error_does_not_drive_the_terminal() {
    let (url, _folder) = tell(&[Span::new("a", 1, "s", "\u{1b}[2J\u{9b}x", 0, 1)]).close();
    let store = url.to_string();
    let sql = "SELECT name::INTEGER FROM spans";
    // As in a terminal.
    let colours = [("CLICOLOR_FORCE", "1")];
    let answer = baton(&["sql", "--store", &store, sql], &colours, "");
    assert_eq!(answer.code, Some(1));
    assert!(answer.stderr.contains("[2J"), "{:?}", answer.stderr);
    assert!(
        !answer.stderr.contains("\u{1b}[2J") && !answer.stderr.contains('\u{9b}'),
        "{:?}",
        answer.stderr
    );
}

#[test]
fn ids_as_people_paste_them() {
    let told = tell(&checkout());
    for id in [
        "5B8EFFF798038103D269B633813FC60C",
        "5b8efff7-9803-8103-d269-b633813fc60c",
        "1-5b8efff7-98038103d269b633813fc60c",
    ] {
        for sql in ["trace", "waterfall", "workflow", "workflow_roots"] {
            let count = |id: &str| told.lines(&format!("SELECT count(*) FROM {sql}('{id}')"));
            assert_eq!(count(id), count(crate::story::CHECKOUT), "{sql} {id}");
            assert_ne!(count(id), "0");
        }
    }
    // Nothing else is changed into an id.
    assert_eq!(told.lines("SELECT count(*) FROM trace('1-5b8efff7')"), "0");
}
