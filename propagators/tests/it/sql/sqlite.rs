//! What the spans of SQLite say.

use baton_propagators::sql::TracedPool;
use expect_test::{Expect, expect};
use futures::TryStreamExt;
use opentelemetry::context::FutureExt;
use sqlx::{
    Sqlite, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use super::Spans;
use crate::queue::caller;

async fn stock(spans: &Spans) -> TracedPool<Sqlite> {
    let one = SqlitePoolOptions::new().max_connections(1);
    let pool = one.connect("sqlite::memory:").await.unwrap();
    let fill = "CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INTEGER); INSERT INTO stock VALUES ('a', 1), ('b', 2), ('c', 3)";
    sqlx::raw_sql(fill).execute(&pool).await.unwrap();
    spans.tracing().pool(pool)
}

#[tokio::test]
async fn every_way_to_ask() {
    let spans = Spans::new();
    let pool = stock(&spans).await;
    let all = sqlx::query("SELECT sku FROM stock").fetch_all(&pool);
    assert_eq!(all.with_context(caller()).await.unwrap().len(), 3);
    let one: i64 =
        sqlx::query_scalar("SELECT quantity FROM stock WHERE sku = ? AND quantity IN (1, 2)")
            .bind("b")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(one, 2);
    let none = sqlx::query("SELECT 1 FROM stock WHERE sku = 'x'").fetch_optional(&pool);
    assert!(none.await.unwrap().is_none());
    let changed = sqlx::query("UPDATE stock SET quantity = 0 WHERE quantity > ?")
        .bind(1)
        .execute(&pool);
    assert_eq!(changed.await.unwrap().rows_affected(), 2);
    let rows: Vec<_> = sqlx::query("DELETE FROM stock RETURNING sku")
        .fetch(&pool)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    spans.check(&expected());
}

#[tokio::test]
async fn errors() {
    let spans = Spans::new();
    let pool = stock(&spans).await;
    let twice = sqlx::query("INSERT INTO stock VALUES (?, 1)")
        .bind("a")
        .execute(&pool)
        .await;
    assert!(
        twice
            .unwrap_err()
            .into_database_error()
            .unwrap()
            .is_unique_violation()
    );
    sqlx::query("SELECT 'secret' FROM nowhere")
        .fetch_all(&pool)
        .await
        .unwrap_err();
    let no_row = sqlx::query("SELECT 1 FROM stock WHERE sku = 'x'")
        .fetch_one(&pool)
        .await;
    assert!(matches!(no_row, Err(sqlx::Error::RowNotFound)));
    pool.untraced().close().await;
    sqlx::query("SELECT 1").execute(&pool).await.unwrap_err();
    spans.check(&expect![[r#"
        shop: Client "INSERT stock", root
          db.system.name = sqlite
          db.query.text = INSERT INTO stock VALUES (?, ?)
          db.query.summary = INSERT stock
          db.operation.name = INSERT
          db.collection.name = stock
          db.response.status_code = 1555
          error.type = 1555
          Error { description: "UNIQUE constraint failed: stock.sku" }
        shop: Client "SELECT nowhere", root
          db.system.name = sqlite
          db.query.text = SELECT ? FROM nowhere
          db.query.summary = SELECT nowhere
          db.operation.name = SELECT
          db.collection.name = nowhere
          db.response.status_code = 1
          error.type = 1
          Error { description: "no such table: nowhere" }
        shop: Client "SELECT stock", root
          db.system.name = sqlite
          db.query.text = SELECT ? FROM stock WHERE sku = ?
          db.query.summary = SELECT stock
          db.operation.name = SELECT
          db.collection.name = stock
          db.response.returned_rows = 0
        shop: Client "SELECT", root
          db.system.name = sqlite
          db.query.text = SELECT ?
          db.query.summary = SELECT
          db.operation.name = SELECT
          error.type = pool_closed
          Error { description: "attempted to acquire a connection on a closed pool" }
    "#]]);
}

#[tokio::test]
async fn a_file_has_a_name() {
    let spans = Spans::new();
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(dir.path().join("stock.db"))
        .create_if_missing(true);
    let pool = spans
        .tracing()
        .pool(SqlitePool::connect_with(options).await.unwrap());
    sqlx::raw_sql("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2); SELECT a FROM t")
        .fetch_all(&pool)
        .await
        .unwrap();
    spans.check(&expect![[r#"
        shop: Client "CREATE TABLE t INSERT t SELECT t", root
          db.system.name = sqlite
          db.namespace = stock.db
          db.query.text = CREATE TABLE t (a); INSERT INTO t VALUES (?), (?); SELECT a FROM t
          db.query.summary = CREATE TABLE t INSERT t SELECT t
          db.response.returned_rows = 2
    "#]]);
}

#[tokio::test]
async fn comments_are_sent_and_not_shown() {
    let spans = Spans::new();
    let tracing = spans
        .tracing()
        .comment("service", "inventory")
        .comment_traceparent();
    let pool = tracing.pool(SqlitePool::connect("sqlite::memory:").await.unwrap());
    sqlx::raw_sql("CREATE VIEW v AS SELECT 1 AS a")
        .execute(&pool)
        .await
        .unwrap();
    let answer: i64 = sqlx::query_scalar("SELECT a FROM v WHERE a = ?;")
        .bind(1)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(answer, 1);
    spans.check(&expect![[r#"
        shop: Client "CREATE VIEW v", root
          db.system.name = sqlite
          db.query.text = CREATE VIEW v AS SELECT ? AS a
          db.query.summary = CREATE VIEW v
          db.operation.name = CREATE VIEW
          db.response.returned_rows = 0
        shop: Client "SELECT v", root
          db.system.name = sqlite
          db.query.text = SELECT a FROM v WHERE a = ?;
          db.query.summary = SELECT v
          db.operation.name = SELECT
          db.collection.name = v
          db.response.returned_rows = 1
    "#]]);
}

fn expected() -> Expect {
    expect![[r#"
        shop: Client "SELECT stock" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          db.system.name = sqlite
          db.query.text = SELECT sku FROM stock
          db.query.summary = SELECT stock
          db.operation.name = SELECT
          db.collection.name = stock
          db.response.returned_rows = 3
        shop: Client "SELECT stock", root
          db.system.name = sqlite
          db.query.text = SELECT quantity FROM stock WHERE sku = ? AND quantity IN (?)
          db.query.summary = SELECT stock
          db.operation.name = SELECT
          db.collection.name = stock
          db.response.returned_rows = 1
        shop: Client "SELECT stock", root
          db.system.name = sqlite
          db.query.text = SELECT ? FROM stock WHERE sku = ?
          db.query.summary = SELECT stock
          db.operation.name = SELECT
          db.collection.name = stock
          db.response.returned_rows = 0
        shop: Client "UPDATE stock", root
          db.system.name = sqlite
          db.query.text = UPDATE stock SET quantity = ? WHERE quantity > ?
          db.query.summary = UPDATE stock
          db.operation.name = UPDATE
          db.collection.name = stock
          baton.affected_rows = 2
        shop: Client "DELETE stock", root
          db.system.name = sqlite
          db.query.text = DELETE FROM stock RETURNING sku
          db.query.summary = DELETE stock
          db.operation.name = DELETE
          db.collection.name = stock
          db.response.returned_rows = 3
          baton.affected_rows = 3
    "#]]
}
