use super::Dialect::{self, MySql, Postgres, Sqlite};
use super::*;

#[track_caller]
fn text(dialect: Dialect, sql: &str, expected: &str) {
    assert_eq!(describe(sql, dialect).text, expected, "{dialect:?}: {sql}");
}

/// Summary, operation and collection, as `summary | operation | collection`.
#[track_caller]
fn summary(sql: &str, expected: &str) {
    let found = describe(sql, Postgres);
    let shown = format!(
        "{} | {} | {}",
        found.summary,
        found.operation.as_deref().unwrap_or("–"),
        found.collection.as_deref().unwrap_or("–")
    );
    assert_eq!(shown, expected, "{sql}");
}

#[test]
fn literals_go_and_everything_else_stays() {
    text(
        Sqlite,
        "SELECT quantity FROM stock WHERE sku = ?",
        "SELECT quantity FROM stock WHERE sku = ?",
    );
    text(
        Sqlite,
        "SELECT 'a''b', 1.5, -3 FROM t1 WHERE c2=x'00'",
        "SELECT ?, ?, -? FROM t1 WHERE c2=?",
    );
    text(
        Postgres,
        "SELECT $$secret$$, E'a\\'b', a::int FROM t WHERE b = $1 LIMIT 10",
        "SELECT ?, ?, a::int FROM t WHERE b = $1 LIMIT ?",
    );
    text(
        MySql,
        "SELECT \"secret\", `name` FROM t WHERE a = 'x\\'y'",
        "SELECT ?, `name` FROM t WHERE a = ?",
    );
    text(
        Postgres,
        "SELECT \"name\" FROM t WHERE a IS NULL OR b = TRUE",
        "SELECT \"name\" FROM t WHERE a IS NULL OR b = TRUE",
    );
    text(Sqlite, "SELECT 1\n  FROM t\n", "SELECT ?\n  FROM t");
}

#[test]
fn comments_go() {
    text(
        Sqlite,
        "SELECT /* who */ a, b -- why\nFROM t /*traceparent='00-1'*/",
        "SELECT a, b FROM t",
    );
    text(Sqlite, "SELECT/**/a", "SELECT a");
    text(MySql, "/* all */", "");
}

#[test]
fn lists_of_values_become_one() {
    text(
        Sqlite,
        "a IN (1, 2, 3) AND b in('x','y')",
        "a IN (?) AND b in(?)",
    );
    text(
        Postgres,
        "a IN ($1, $2) AND b NOT IN ( -1 , +2 )",
        "a IN (?) AND b NOT IN (?)",
    );
    text(Sqlite, "a IN (1, b)", "a IN (?, b)");
    text(Sqlite, "a IN (SELECT 1)", "a IN (SELECT ?)");
    text(Sqlite, "a IN ()", "a IN ()");
    text(Sqlite, "a IN (1, (2))", "a IN (?, (?))");
    text(
        Sqlite,
        "INSERT INTO t VALUES (1, 2)",
        "INSERT INTO t VALUES (?, ?)",
    );
    let long: Vec<_> = (0..20_000).map(|n| n.to_string()).collect();
    let read = describe(&format!("a IN ({}) OR b", long.join(",")), Sqlite).text;
    assert!(
        read.starts_with("a IN (?,?") && read.ends_with('…'),
        "beyond what is read the end is unknown"
    );
    let short: Vec<_> = (0..5_000).map(|n| n.to_string()).collect();
    text(
        Sqlite,
        &format!("a IN ({}) OR b", short.join(",")),
        "a IN (?) OR b",
    );
}

#[test]
fn long_texts_are_cut_between_characters() {
    for filler in ["a ", "ü ", "'ü' ", "'"] {
        let read = describe(&format!("SELECT {}", filler.repeat(100_000)), Sqlite).text;
        assert!(
            read.len() <= 4_096 + '…'.len_utf8(),
            "{filler}: {}",
            read.len()
        );
        assert!(!read.contains('\''), "{filler}");
    }
}

#[test]
fn no_literal_survives() {
    let secrets = [
        "'s3cret'",
        "'a''s3cret'",
        "'ü s3cret'",
        "E's3cret'",
        "$$s3cret$$",
        "$q$'s3cret$q$",
        "N's3cret'",
    ];
    for secret in secrets {
        for frame in [
            "SELECT {}",
            "a IN ({}, b)",
            "INSERT INTO t VALUES ({},{}) -- s3cret",
            "({})",
            "x={};y={}",
        ] {
            let found = describe(&frame.replace("{}", secret), Postgres);
            assert!(!format!("{found:?}").contains("s3cret"), "{found:?}");
        }
    }
}

#[test]
fn summaries_of_one_statement() {
    summary(
        "SELECT quantity FROM stock WHERE sku = ?",
        "SELECT stock | SELECT | stock",
    );
    summary(
        "select * from shop.stock s",
        "select shop.stock | select | shop.stock",
    );
    summary("SELECT 1", "SELECT | SELECT | –");
    summary(
        "INSERT INTO orders (id, items) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET items = 2",
        "INSERT orders | INSERT | orders",
    );
    summary(
        "INSERT OR IGNORE INTO reservations VALUES (?)",
        "INSERT reservations | INSERT | reservations",
    );
    summary(
        "UPDATE ONLY \"order\".\"line\" SET a = 1 WHERE b IN (1)",
        "UPDATE \"order\".\"line\" | UPDATE | order.line",
    );
    summary("DELETE FROM stock", "DELETE stock | DELETE | stock");
    summary(
        "CREATE TABLE IF NOT EXISTS stock (sku TEXT)",
        "CREATE TABLE stock | CREATE TABLE | stock",
    );
    summary(
        "CREATE UNIQUE INDEX by_sku ON stock (sku)",
        "CREATE INDEX by_sku | CREATE INDEX | –",
    );
    summary("TRUNCATE TABLE stock", "TRUNCATE stock | TRUNCATE | stock");
    summary("CALL refill(1)", "CALL refill | CALL | –");
    summary("BEGIN IMMEDIATE", "BEGIN | BEGIN | –");
    summary("PRAGMA journal_mode = WAL", "PRAGMA | PRAGMA | –");
    summary("", " | – | –");
}

#[test]
fn summaries_of_several_tables_and_operations() {
    summary(
        "SELECT * FROM songs, artists a WHERE a.from = 1",
        "SELECT songs artists | SELECT | –",
    );
    summary(
        "SELECT * FROM a JOIN b ON a.id = b.id LEFT JOIN c USING (id)",
        "SELECT a b c | SELECT | –",
    );
    summary(
        "INSERT INTO shipped (id) SELECT id FROM orders WHERE id = ?",
        "INSERT shipped SELECT orders | – | –",
    );
    summary(
        "SELECT day FROM (SELECT * FROM orders o JOIN customers c ON o.c = c.id) x, y",
        "SELECT SELECT orders customers y | – | –",
    );
    summary("SELECT 1; SELECT 2", "SELECT SELECT | – | –");
    summary(
        "WITH old AS (DELETE FROM a RETURNING id) INSERT INTO b SELECT id FROM old",
        "DELETE a INSERT b SELECT old | – | –",
    );
    summary("EXPLAIN SELECT 1 FROM t", "EXPLAIN SELECT t | – | –");
}

#[test]
fn what_looks_like_a_table_and_is_none() {
    summary(
        "SELECT EXTRACT(DAY FROM at) FROM days",
        "SELECT days | SELECT | days",
    );
    summary(
        "SELECT a IS DISTINCT FROM b FROM t",
        "SELECT t | SELECT | t",
    );
    summary(
        "SELECT * FROM generate_series(1, 3) g",
        "SELECT | SELECT | –",
    );
    summary("SELECT * FROM t FOR UPDATE", "SELECT t | SELECT | t");
    summary(
        "SELECT REPLACE(a, 'x', 'y') FROM t",
        "SELECT t | SELECT | t",
    );
    summary(
        "WITH n AS (SELECT 1) SELECT * FROM n",
        "SELECT SELECT n | – | –",
    );
}

#[test]
fn a_summary_is_bounded_and_ends_with_a_whole_name() {
    let tables: Vec<_> = (0..100).map(|n| format!("table_{n}")).collect();
    let found = describe(&format!("SELECT * FROM {}", tables.join(", ")), Sqlite).summary;
    assert!(
        found.len() <= 255 && found.ends_with(" table_27"),
        "{found}"
    );
}

#[test]
fn writes_are_known() {
    for (sql, writes) in [
        ("SELECT 1 FROM t FOR UPDATE", false),
        ("insert into t values (1)", true),
        (
            "WITH x AS (UPDATE t SET a = 1 RETURNING a) SELECT a FROM x",
            true,
        ),
        ("CREATE TABLE t (a)", false),
        ("SELECT 1; DELETE FROM t", true),
    ] {
        assert_eq!(describe(sql, Sqlite).writes, writes, "{sql}");
    }
}
