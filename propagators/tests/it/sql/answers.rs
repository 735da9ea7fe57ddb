//! Results with the wrapper are the results without it.

use std::fmt::Debug;

use baton_propagators::sql::{TracedDatabase, TracedPool};
use futures::{StreamExt, TryStreamExt};
use sqlx::{
    Connection, Either, Executor, Row, Sqlite, SqliteConnection, SqlitePool,
    sqlite::SqliteConnectOptions,
};

use super::Spans;

const TEXTS: [&str; 11] = [
    "SELECT 1 AS a UNION SELECT 2",
    "SELECT 1 WHERE 0",
    "INSERT INTO t VALUES (1, 'x')",
    "INSERT INTO t VALUES (1, 'x')",
    "UPDATE t SET b = 'y'",
    "SELECT b FROM t",
    "SELEC",
    "SELECT 'open",
    "",
    "SELECT * FROM nowhere",
    "SELECT 1; INSERT INTO t VALUES (2, 'z'); SELECT 2, 3",
];

/// All that an executor can be asked, with its answers and errors as text.
async fn ask<'e, E>(executor: E) -> Vec<String>
where
    E: Executor<'e, Database = Sqlite> + Copy,
{
    let mut seen = Vec::new();
    for text in TEXTS {
        seen.extend(every_method(executor, text).await);
    }
    seen
}

async fn every_method<'e, E>(executor: E, text: &'static str) -> Vec<String>
where
    E: Executor<'e, Database = Sqlite> + Copy,
{
    let rows = |rows: &Vec<sqlx::sqlite::SqliteRow>| rows.iter().map(Row::len).collect::<Vec<_>>();
    let many: Vec<_> = sqlx::raw_sql(text)
        .fetch_many(executor)
        .map(|step| match step {
            Ok(Either::Left(result)) => format!("{result:?}"),
            Ok(Either::Right(row)) => format!("{} columns", row.len()),
            Err(error) => error.to_string(),
        })
        .collect()
        .await;
    vec![
        format!("{many:?}"),
        show(
            sqlx::query(text)
                .fetch_all(executor)
                .await
                .as_ref()
                .map(rows),
        ),
        show(sqlx::query(text).execute(executor).await.as_ref()),
        show(
            sqlx::query(text)
                .fetch_one(executor)
                .await
                .as_ref()
                .map(Row::len),
        ),
        show(
            sqlx::query(text)
                .fetch_optional(executor)
                .await
                .as_ref()
                .map(|row| row.as_ref().map(Row::len)),
        ),
        show(
            sqlx::raw_sql(text)
                .fetch(executor)
                .try_collect()
                .await
                .as_ref()
                .map(rows),
        ),
        show(executor.execute(text).await.as_ref()),
    ]
}

fn show<T: Debug>(result: Result<T, &sqlx::Error>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error:?}"),
    }
}

async fn pool() -> SqlitePool {
    let one = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = one.connect("sqlite::memory:").await.unwrap();
    pool.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
        .await
        .unwrap();
    pool
}

#[tokio::test]
async fn answers_and_errors_are_the_same() {
    let spans = Spans::new();
    let without = ask(&pool().await).await;
    let wrapped = spans
        .tracing()
        .comment("service", "shop")
        .comment_traceparent()
        .pool(pool().await);
    let with = ask(&wrapped).await;
    assert_eq!(with, without);
    assert!(
        without.iter().any(|answer| answer.contains("UNIQUE")),
        "{without:?}"
    );
    assert_eq!(spans.names().len(), with.len());
}

/// Code over any database compiles, and takes pool, connection and transaction.
async fn one<'c, DB, E>(executor: E) -> i64
where
    DB: TracedDatabase,
    E: Executor<'c, Database = DB>,
    for<'r> i64: sqlx::Decode<'r, DB> + sqlx::Type<DB>,
    usize: sqlx::ColumnIndex<DB::Row>,
{
    executor.fetch_one("SELECT 1").await.unwrap().get(0)
}

/// The same over a pool of any database, named by what sqlx itself asks for.
async fn two<DB: TracedDatabase>(pool: &TracedPool<DB>)
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    pool.execute("SELECT 1").await.unwrap();
    pool.untraced().execute("SELECT 1").await.unwrap();
}

#[tokio::test]
async fn everything_is_an_executor() {
    let spans = Spans::new();
    let memory: SqliteConnectOptions = "sqlite::memory:".parse().unwrap();
    let pool = spans
        .tracing()
        .pool(SqlitePool::connect_with(memory.clone()).await.unwrap());
    assert_eq!(one(&pool).await, 1);
    let mut pooled = pool.acquire().await.unwrap();
    assert_eq!(one(&mut *pooled).await, 1);
    let mut transaction = pooled.begin().await.unwrap();
    assert_eq!(one(&mut *transaction).await, 1);
    drop(transaction);
    let alone = SqliteConnection::connect_with(&memory).await.unwrap();
    let mut alone = spans.tracing().connection::<Sqlite>(alone, &memory);
    assert_eq!(one(&mut alone).await, 1);
    two(&pool).await;
    assert_eq!(
        spans.names(),
        ["SELECT", "SELECT", "BEGIN", "SELECT", "SELECT", "SELECT"]
    );
}

#[tokio::test]
async fn preparing_and_describing_pass_through() {
    use sqlx::{SqlSafeStr, Statement};

    let spans = Spans::new();
    let pool = spans
        .tracing()
        .comment("service", "shop")
        .pool(pool().await);
    let statement = (&pool)
        .prepare("SELECT a, b FROM t WHERE a > ?".into_sql_str())
        .await
        .unwrap();
    assert_eq!(statement.columns().len(), 2);
    assert_eq!(
        (&pool)
            .describe("SELECT a FROM t".into_sql_str())
            .await
            .unwrap()
            .columns()
            .len(),
        1
    );
    assert!(spans.names().is_empty());
    let rows = statement.query().bind(0).fetch_all(&pool).await.unwrap();
    assert!(rows.is_empty());
    assert_eq!(spans.names(), ["SELECT t"]);
}
