use super::*;
use expect_test::{Expect, expect};

#[track_caller]
fn check(sql: &str, params: &[Value], expected: &Expect) {
    let connection = Connection::open_in_memory().unwrap();
    let text = match execute(&connection, sql, params) {
        Ok(answer) => {
            let types: Vec<_> = answer
                .columns
                .iter()
                .map(|column| column.type_name.as_str())
                .collect();
            format!(
                "{}\n{}",
                types.join(" | "),
                serde_json::to_string(&answer.rows).unwrap()
            )
        }
        Err(error) => format!("error: {error}"),
    };
    expected.assert_eq(&text);
}

#[test]
fn integers_are_exact() {
    check(
        "SELECT 9223372036854775807, 18446744073709551615::UBIGINT, -1::TINYINT, 5::HUGEINT, 170141183460469231731687303715884105727::HUGEINT, 340282366920938463463374607431768211455::UHUGEINT",
        &[],
        &expect![[r#"
            BIGINT | UBIGINT | TINYINT | HUGEINT | HUGEINT | UHUGEINT
            [[9223372036854775807,18446744073709551615,-1,5,"170141183460469231731687303715884105727","340282366920938463463374607431768211455"]]"#]],
    );
}

#[test]
fn decimals_and_floats() {
    check(
        "SELECT 0.1::DECIMAL(4,1), -12.50::DECIMAL(18,2), 12345678901234567890.123::DECIMAL(38,3), 0.1::DOUBLE, 0.1::FLOAT, 'nan'::DOUBLE, '-inf'::FLOAT",
        &[],
        &expect![[r#"
            DECIMAL(4,1) | DECIMAL(18,2) | DECIMAL(38,3) | DOUBLE | FLOAT | DOUBLE | FLOAT
            [[0.1,-12.5,"12345678901234567890.123",0.1,0.1,"NaN","-Infinity"]]"#]],
    );
}

#[test]
fn times() {
    check(
        "SELECT to_timestamp(1.5), TIMESTAMP '2026-01-02 03:04:05', TIMESTAMP_NS '2026-01-02 03:04:05.123456789', DATE '1969-12-31', TIME '01:02:03.5', INTERVAL '1 month 2 days 3 seconds', 'infinity'::TIMESTAMP, 'infinity'::DATE",
        &[],
        &expect![[r#"
            TIMESTAMP WITH TIME ZONE | TIMESTAMP | TIMESTAMP_NS | DATE | TIME | INTERVAL | TIMESTAMP | DATE
            [["1970-01-01T00:00:01.5Z","2026-01-02T03:04:05","2026-01-02T03:04:05.123456789","1969-12-31","01:02:03.5","1 month 2 days 00:00:03","infinity","infinity"]]"#]],
    );
}

#[test]
fn nested_values() {
    check(
        "SELECT MAP {'b': 1, 'a': NULL}, [1, NULL], {'x': 'y', 'l': [{'z': true}]}, [1, 2]::INTEGER[2], MAP {1: 'one'}, []::VARCHAR[]",
        &[],
        &expect![[r#"
            MAP(VARCHAR, INTEGER) | INTEGER[] | STRUCT(x VARCHAR, l STRUCT(z BOOLEAN)[]) | ARRAY | MAP(INTEGER, VARCHAR) | VARCHAR[]
            [[{"a":null,"b":1},[1,null],{"l":[{"z":true}],"x":"y"},[1,2],{"1":"one"},[]]]"#]],
    );
}

#[test]
fn other_types() {
    check(
        "SELECT NULL, 'ab'::BLOB, 'on'::ENUM('off', 'on'), '7d444840-9dc0-11d1-b245-5ffdce74fad2'::UUID, '101'::BIT, union_value(num := 2), '{\"a\": [1]}'::JSON, true, TIMETZ '01:02:03+01'",
        &[],
        &expect![[r#"
            INTEGER | BLOB | ENUM | UUID | BIT | UNION(num INTEGER) | JSON | BOOLEAN | TIME WITH TIME ZONE
            [[null,"6162","on","7d444840-9dc0-11d1-b245-5ffdce74fad2","05fd",2,{"a":[1]},true,"01:02:03"]]"#]],
    );
}

#[test]
fn many_rows_in_order() {
    let connection = Connection::open_in_memory().unwrap();
    let answer = execute(
        &connection,
        "SELECT i::INTEGER AS i FROM range(5000) AS t(i)",
        &[],
    )
    .unwrap();
    assert!(
        answer
            .rows
            .iter()
            .enumerate()
            .all(|(index, row)| row == &[Value::from(index)])
    );
    assert_eq!(answer.rows.len(), 5000);
}

#[test]
fn parameters() {
    let params = [
        Value::Null,
        true.into(),
        7.into(),
        u64::MAX.into(),
        1.5.into(),
        "it's".into(),
    ];
    check(
        "SELECT ?, ?, ?, ?, ?, ?",
        &params,
        &expect![[r#"
        INTEGER | BOOLEAN | BIGINT | UBIGINT | DOUBLE | VARCHAR
        [[null,true,7,18446744073709551615,1.5,"it's"]]"#]],
    );
    check(
        "SELECT ?",
        &[serde_json::json!([1])],
        &expect!["error: parameter 1 is a list: expected null, a boolean, a number or a string"],
    );
    check(
        "SELECT ?",
        &[],
        &expect!["error: the statement has 1 parameters, but 0 were given"],
    );
    check(
        "SELECT 1",
        &[1.into()],
        &expect!["error: the statement has 0 parameters, but 1 were given"],
    );
}

#[test]
fn statements() {
    check(
        "CREATE TABLE t(a INTEGER); INSERT INTO t VALUES (1), (2); SELECT sum(a) FROM t;",
        &[],
        &expect![[r#"
        HUGEINT
        [[3]]"#]],
    );
    check(
        "CREATE TABLE t(a INTEGER)",
        &[],
        &expect![[r#"
        BIGINT
        []"#]],
    );
    check(
        "SELECT * FROM (SELECT 1) WHERE false",
        &[],
        &expect![[r#"
        INTEGER
        []"#]],
    );
}

#[test]
fn statements_that_fail() {
    check(
        " ;; -- nothing\n /* here */",
        &[],
        &expect![
            "error: no statement to run: expected SQL, for example `SELECT count(*) FROM spans`"
        ],
    );
    check(
        "",
        &[],
        &expect![
            "error: no statement to run: expected SQL, for example `SELECT count(*) FROM spans`"
        ],
    );
    check(
        "SELEC 1",
        &[],
        &expect![[r#"
        error: Parser Error: syntax error at or near "SELEC"

        LINE 1: SELEC 1
                ^"#]],
    );
    check(
        "SELECT nope FROM (SELECT 1 AS a)",
        &[],
        &expect![[r#"
        error: Binder Error: Referenced column "nope" not found in FROM clause!
        Candidate bindings: "a"

        LINE 1: SELECT nope FROM (SELECT 1 AS a)
                       ^"#]],
    );
    check(
        "SELECT 'a\0b'",
        &[],
        &expect!["error: nul byte found in provided data at position: 9"],
    );
    check(
        "SELECT error('on the way') FROM range(3)",
        &[],
        &expect!["error: Invalid Input Error: on the way"],
    );
}
