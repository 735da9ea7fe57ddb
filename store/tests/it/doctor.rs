//! `baton doctor`: names what is wrong with no hint.

use expect_test::expect;

use crate::baton::baton;
use crate::story::{Span, tell};

/// Forty checkouts: stock is asked for line by line, one card is slow, one mailbox does not exist.
fn checkouts() -> Vec<Span> {
    let mut spans = Vec::new();
    for n in 0..40_i64 {
        let trace = format!("{:032x}", n + 1);
        let at = n * 100;
        let span = |id, service: &str, name: &str, start: i64, duration| {
            Span::new(&trace, id, service, name, at + start, duration)
        };
        let (card, charge_ms) = if n % 4 == 0 {
            ("amex", 900)
        } else {
            ("visa", 20)
        };
        let call = span(5, "payment", "POST", 130, charge_ms);
        spans.extend([
            span(1, "order-api", "POST", 0, 40)
                .kind("SERVER")
                .with("faas.invocation_id", format!("r-{n}")),
            span(2, "order-api", "send payments", 10, 10)
                .below(1)
                .sends("payments"),
            span(3, "payment", "process payments", 100, 950)
                .below(2)
                .processes("payments", &format!("m-{n}"), 1)
                .sent(at + 15),
            span(4, "payment", "payment.charge", 120, 930)
                .below(3)
                .with("card.brand", card),
            call.below(4)
                .kind("CLIENT")
                .with("server.address", "bank.example"),
        ]);
        for line in 0..6_u64 {
            let select = span(
                10 + line,
                "payment",
                "SELECT",
                101 + 2 * i64::try_from(line).unwrap(),
                1,
            )
            .below(3)
            .kind("CLIENT");
            spans.push(select.with(
                "db.query.text",
                format!("SELECT price FROM items WHERE sku = 'S-{line}'"),
            ));
        }
    }
    let mailbox = |id, start, count| {
        Span::new("f", id, "mailer", "process mails", start, 10)
            .processes("mails", "m-lost", count)
            .error("550 no such mailbox: user7@example.com")
    };
    spans.extend([mailbox(1, 100, 1), mailbox(2, 400, 2), mailbox(3, 900, 3)]);
    let stopped = Span::new("e", 1, "resize", "resize", 50, 3_000)
        .kind("SERVER")
        .error("Task timed out after 3.00 seconds");
    spans.push(stopped.with("faas.invocation_id", "r-resize"));
    spans
}

#[test]
fn it_names_the_faults() {
    let (url, _folder) = tell(&checkouts()).close();
    let store = url.to_string();
    let answer = baton(
        &["doctor", "--store", &store, "--since", "2026-11-22"],
        &[],
        "",
    );
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    let is_finding = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let findings: Vec<&str> = answer
        .stdout
        .lines()
        .filter(is_finding)
        .map(str::trim)
        .collect();
    expect![[r#"
          queue mails: mailer gave up 1×, delivered up to 3×: 550 no such mailbox: …@…
          resize: timeout 1×, the longest after 3000.0 ms (Task timed out after 3.00 seconds)
          mailer, process mails: 550 no such mailbox: …@… (3×, last 2026-11-22T15:20:00.9Z)
          resize, resize: Task timed out after 3.00 seconds (1×, last 2026-11-22T15:20:00.05Z)
          payment waits for bank.example (POST): up to 900.0 ms for 95 of 100 calls, up to 20.0 ms for half of them; the slow ones have card.brand = amex
          payment runs `SELECT price FROM items WHERE sku = ?` up to 6 times within one `process payments`; so it went 40×, for 240.0 ms in all
    "#]].assert_eq(&(findings.join("\n") + "\n"));
}

/// The SQL of a finding, and the SQL for more of it, are what anybody can run.
#[test]
fn its_sql_runs() {
    let (url, _folder) = tell(&checkouts()).close();
    let store = url.to_string();
    let answer = baton(
        &[
            "doctor",
            "--store",
            &store,
            "--since",
            "2026-11-22",
            "--format",
            "json",
        ],
        &[],
        "",
    );
    let findings: Vec<serde_json::Value> = serde_json::from_str(&answer.stdout).unwrap();
    assert!(findings.len() >= 5, "{findings:#?}");
    for finding in findings {
        for key in ["sql", "more"] {
            let sql = finding[key].as_str().unwrap();
            let rows = baton(
                &["sql", "--store", &store, "--format", "json", sql],
                &[],
                "",
            );
            assert_eq!(rows.code, Some(0), "{sql}: {}", rows.stderr);
            assert!(rows.stdout.len() > 5, "{sql}: no row");
        }
        assert_eq!(finding["trace_id"].as_str().unwrap().len(), 32);
    }
}

#[test]
fn a_healthy_store_and_an_empty_one() {
    let healthy = tell(&[Span::new("a", 1, "api", "GET /", 0, 5).kind("SERVER")]).close();
    let empty = tell(&[]).close();
    let ask = |url: &str, since: &str| {
        baton(&["doctor", "--store", url, "--since", since], &[], "").stdout
    };
    let healthy = healthy.0.to_string();
    let answer = ask(&healthy, "2026-11-22");
    assert!(answer.starts_with("1 span of 1 service since 2026-11-22"));
    assert!(answer.contains("Nothing is wrong."));
    assert!(ask(&healthy, "2999-01-01").contains("the newest did at 2026-11-22 15:20:00 UTC"));
    assert!(ask(&empty.0.to_string(), "1h").starts_with("The store is empty"));
}
