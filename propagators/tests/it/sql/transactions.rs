//! Transactions and savepoints.

use baton_propagators::sql::TracedPool;
use sqlx::{Sqlite, sqlite::SqlitePoolOptions};

use super::Spans;

async fn table(spans: &Spans) -> TracedPool<Sqlite> {
    let one = SqlitePoolOptions::new().max_connections(1);
    let pool = one.connect("sqlite::memory:").await.unwrap();
    sqlx::query("CREATE TABLE t (a)")
        .execute(&pool)
        .await
        .unwrap();
    spans.tracing().pool(pool)
}

async fn insert(connection: &mut baton_propagators::sql::TracedConnection<'_, Sqlite>) {
    sqlx::query("INSERT INTO t VALUES (1)")
        .execute(connection)
        .await
        .unwrap();
}

async fn count(pool: &TracedPool<Sqlite>) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM t")
        .fetch_one(pool.untraced())
        .await
        .unwrap()
}

#[tokio::test]
async fn committed_with_savepoints() {
    let spans = Spans::new();
    let pool = table(&spans).await;
    let mut transaction = pool.begin().await.unwrap();
    insert(&mut transaction).await;
    let mut kept = transaction.begin().await.unwrap();
    insert(&mut kept).await;
    kept.commit().await.unwrap();
    let mut undone = transaction.begin().await.unwrap();
    insert(&mut undone).await;
    undone.rollback().await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(count(&pool).await, 2);
    assert_eq!(
        spans.names(),
        [
            "BEGIN",
            "INSERT t",
            "SAVEPOINT",
            "INSERT t",
            "RELEASE",
            "SAVEPOINT",
            "INSERT t",
            "ROLLBACK",
            "COMMIT"
        ]
    );
}

#[tokio::test]
async fn rolled_back() {
    let spans = Spans::new();
    let pool = table(&spans).await;
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    insert(&mut transaction).await;
    transaction.rollback().await.unwrap();
    let mut dropped = pool.begin().await.unwrap();
    insert(&mut dropped).await;
    drop(dropped);
    assert_eq!(count(&pool).await, 0);
    assert_eq!(
        spans.names(),
        ["BEGIN", "INSERT t", "ROLLBACK", "BEGIN", "INSERT t"]
    );
}

#[tokio::test]
async fn a_statement_that_begins_nothing_is_an_error() {
    let spans = Spans::new();
    let pool = table(&spans).await;
    pool.begin_with("SELECT 1").await.unwrap_err();
    let text = spans.take();
    assert!(text.contains("error.type = begin_failed"), "{text}");
}
