use super::*;
use crate::schema::{Settings, Store};
use crate::url::StoreUrl;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(
        &StoreUrl::duckdb(folder.path().join("s.duckdb")),
        &Settings::default(),
    )
    .unwrap();
    (folder, store)
}

/// The writer's own connection: what holds on it holds on every other.
fn answer(store: &Store, sql: &str) -> Result<String, String> {
    let connection = store.connection().try_clone().unwrap();
    let rows = ask(&connection, store.live(), sql, &[]).map_err(|refusal| refusal.to_string())?;
    Ok(serde_json::to_string(&rows.rows).unwrap())
}

#[test]
fn reads() {
    let (_folder, store) = store();
    let check = |sql: &str, expected: &str| {
        assert_eq!(answer(&store, sql).as_deref(), Ok(expected), "{sql}")
    };
    check("SELECT count(*) FROM spans", "[[0]]");
    check("SELECT 1 -- one;\n;;", "[[1]]");
    check("SELECT 1; -- one", "[[1]]");
    check("-- one\nSELECT 1; /* and */ ;", "[[1]]");
    check("FROM (VALUES (2)) v(x)", "[[2]]");
    check("VALUES (3)", "[[3]]");
    check(
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT max(n) FROM t",
        "[[3]]",
    );
    check(
        "SELECT x FROM range(5) r(x) ORDER BY x DESC",
        "[[4],[3],[2],[1],[0]]",
    );
    check(
        "SELECT 'force_checkpoint(); \"function_name\":\"query\"' LIKE '%query%'",
        "[[true]]",
    );
    assert!(
        answer(&store, "DESCRIBE spans")
            .unwrap()
            .contains("trace_id")
    );
    assert!(answer(&store, "SHOW TABLES").unwrap().contains("spans"));
}

#[test]
fn parameters() {
    let (_folder, store) = store();
    let rows = ask(
        store.connection(),
        store.live(),
        "SELECT $1 || $2",
        &["a".into(), "b".into()],
    )
    .unwrap();
    assert_eq!(rows.rows, [["ab"]]);
    let refusal = ask(
        &store.connection().try_clone().unwrap(),
        store.live(),
        "SELECT $1",
        &[],
    )
    .unwrap_err();
    assert!(
        refusal
            .to_string()
            .contains("1 parameters, but 0 were given"),
        "{refusal}"
    );
}

#[test]
fn only_one_select() {
    let (_folder, store) = store();
    for sql in [
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE baton_data.spans",
        "COMMIT; DROP TABLE baton_data.spans",
        "SELECT 1) TO '/tmp/x'; --",
        "COMMIT",
        "ROLLBACK",
        "BEGIN",
        "COPY baton_data.spans TO '/tmp/baton-spans.csv'",
        "COPY baton_data.spans FROM '/etc/passwd'",
        "ATTACH '/tmp/other.duckdb'",
        "DETACH x",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '1TB'",
        "RESET memory_limit",
        "PRAGMA database_list",
        "PRAGMA enable_external_access",
        "INSERT INTO baton_data.schema_version VALUES (9, now())",
        "WITH x AS (INSERT INTO baton_data.schema_version VALUES (9, now()) RETURNING *) SELECT * FROM x",
        "UPDATE baton_data.schema_version SET version = 9",
        "DELETE FROM baton_data.schema_version",
        "TRUNCATE baton_data.spans",
        "DROP VIEW spans",
        "ALTER TABLE baton_data.spans ADD COLUMN x INTEGER",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TEMP TABLE t AS SELECT 1",
        "CREATE OR REPLACE TEMP MACRO f() AS 1",
        "CREATE SECRET (TYPE s3)",
        "CALL pragma_version()",
        "CALL force_checkpoint()",
        "EXPORT DATABASE '/tmp/baton-export'",
        "IMPORT DATABASE '/tmp/baton-export'",
        "CHECKPOINT",
        "FORCE CHECKPOINT",
        "VACUUM",
        "USE memory",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "EXPLAIN ANALYZE SELECT 1",
        "PIVOT (SELECT 1 AS a, 'x' AS b) ON b USING sum(a)",
    ] {
        let refusal = answer(&store, sql).expect_err(sql);
        assert!(
            refusal.contains("no single SELECT") || refusal.starts_with("Parser Error"),
            "{sql}: {refusal}"
        );
    }
}

#[test]
fn no_statement() {
    let (_folder, store) = store();
    for sql in ["", " ;\n", "-- nothing", "/* nothing */;"] {
        let refusal = answer(&store, sql).expect_err(sql);
        assert!(refusal.starts_with("no statement to run"), "{refusal}");
    }
}

#[test]
fn nothing_beyond_the_data() {
    let (folder, store) = store();
    let secret = folder.path().join("secret.csv");
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let secret = secret.display();
    for sql in [
        format!("SELECT * FROM read_csv('{secret}')"),
        format!("SELECT * FROM '{secret}'"),
        format!("SELECT * FROM read_text('{secret}')"),
        format!("SELECT * FROM read_blob('{secret}')"),
        format!("SELECT * FROM sniff_csv('{secret}')"),
        format!("SELECT * FROM parquet_scan('{secret}')"),
        format!("SELECT * FROM read_json_auto('{secret}')"),
        format!("SELECT * FROM glob('{}/*')", folder.path().display()),
        format!("SELECT * FROM read_duckdb('{secret}')"),
        "SELECT * FROM read_text('/etc/passwd')".into(),
        "SELECT * FROM read_csv('https://example.com/x.csv')".into(),
        "SELECT getenv('HOME')".into(),
        "SELECT system.main.getenv('HOME')".into(),
        "SELECT * FROM force_checkpoint()".into(),
        "SELECT * FROM system.main.\"Force_Checkpoint\"()".into(),
        "SELECT * FROM (SELECT 1), LATERAL (SELECT * FROM checkpoint())".into(),
        "SELECT * FROM query('SELECT * FROM force_checkpoint()')".into(),
        "SELECT * FROM enable_logging()".into(),
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))".into(),
        "SELECT write_log('x')".into(),
        "SELECT nextval('s')".into(),
    ] {
        let answer = answer(&store, &sql);
        assert!(answer.is_err(), "{sql}: {answer:?}");
    }
    let tables: i64 = store
        .connection()
        .query_row("SELECT count(*) FROM duckdb_tables()", [], |row| row.get(0))
        .unwrap();
    assert!(tables > 3, "they are all there");
}

#[test]
fn settings_of_the_database_are_locked() {
    let (_folder, store) = store();
    for sql in [
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET memory_limit = '1TB'",
        "LOAD httpfs",
        "ATTACH '/tmp/x.duckdb'",
    ] {
        assert!(store.connection().execute_batch(sql).is_err(), "{sql}");
    }
    let writes =
        "BEGIN TRANSACTION READ ONLY; INSERT INTO baton_data.schema_version VALUES (9, now())";
    assert!(
        store
            .connection()
            .try_clone()
            .unwrap()
            .execute_batch(writes)
            .is_err()
    );
}

#[test]
fn rows_are_bounded() {
    let (_folder, store) = store();
    assert!(answer(&store, &format!("SELECT * FROM range({MAX_ROWS})")).is_ok());
    let refusal = answer(&store, &format!("SELECT * FROM range({MAX_ROWS} + 1)")).unwrap_err();
    assert!(refusal.contains("add LIMIT"), "{refusal}");
    assert_eq!(answer(&store, "SELECT 1").as_deref(), Ok("[[1]]"));
}

#[test]
fn bytes_are_bounded() {
    let (_folder, store) = store();
    for wide in [
        "SELECT repeat('x', 40000) FROM range(4000)",
        "SELECT [repeat('x', 40000)] FROM range(4000)",
        "SELECT MAP {repeat('x', 40000): 1} FROM range(4000)",
    ] {
        let refusal = answer(&store, wide).expect_err(wide);
        assert!(
            refusal.contains("more than 128 MiB: select fewer columns"),
            "{refusal}"
        );
    }
    // It ends at the bound, not when hundreds of gigabytes lie somewhere.
    let refusal = answer(&store, "SELECT repeat('x', 40000) FROM range(10000000)").unwrap_err();
    assert!(refusal.contains("more than 128 MiB"), "{refusal}");
}
