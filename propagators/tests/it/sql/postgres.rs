//! PostgreSQL.

use expect_test::{Expect, expect};
use sqlx::{
    PgPool, Postgres,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Spans, server::Server};
use baton_propagators::sql::{SqlTracing, TracedPool};

async fn connect(server: &Server, tracing: &SqlTracing) -> TracedPool<Postgres> {
    let options = PgConnectOptions::new()
        .host("127.0.0.1")
        .port(server.port)
        .username("postgres")
        .database("postgres");
    let pool: PgPool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    tracing.pool(pool)
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test --all"]
async fn spans_of_postgresql() {
    let server = Server::postgres();
    let spans = Spans::new();
    let pool = connect(&server, &spans.tracing()).await;
    sqlx::raw_sql("CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INT); INSERT INTO stock VALUES ('a', 1), ('b', 2)").execute(&pool).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let changed = sqlx::query("UPDATE stock SET quantity = quantity - $1 WHERE sku = ANY($2)")
        .bind(1)
        .bind(["a", "b"].map(str::to_owned).to_vec())
        .execute(&mut *transaction);
    assert_eq!(changed.await.unwrap().rows_affected(), 2);
    let twice = sqlx::query("INSERT INTO stock VALUES ('a', 1)").execute(&mut *transaction);
    assert!(
        twice
            .await
            .unwrap_err()
            .into_database_error()
            .unwrap()
            .is_unique_violation()
    );
    transaction.rollback().await.unwrap();
    let rows =
        sqlx::query("SELECT sku, $$it's$$ FROM stock WHERE quantity IN ($1, $2) OR sku = E'a\\'b'")
            .bind(1)
            .bind(2)
            .fetch_all(&pool);
    assert_eq!(rows.await.unwrap().len(), 2);
    expected().assert_eq(&spans.take().replace(&server.port.to_string(), "PORT"));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test --all"]
async fn comments_reach_postgresql() {
    const OWN: &str = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    let server = Server::postgres();
    let spans = Spans::new();
    let pool = connect(
        &server,
        &spans
            .tracing()
            .comment("service", "shop")
            .comment_traceparent(),
    )
    .await;
    let prepared: String = sqlx::query_scalar(OWN).fetch_one(&pool).await.unwrap();
    assert_eq!(prepared, format!("{OWN} /*service='shop'*/"));
    let row = sqlx::raw_sql(OWN).fetch_one(&pool).await.unwrap();
    let raw: String = sqlx::Row::get(&row, 0);
    assert!(
        raw.starts_with(&format!("{OWN} /*service='shop',traceparent='00-")),
        "{raw}"
    );
    assert!(!spans.take().contains("/*"));
    let cached: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT query%'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(cached, 1);
}

fn expected() -> Expect {
    expect![[r#"
        shop: Client "CREATE TABLE stock INSERT stock", root
          db.system.name = postgresql
          db.namespace = postgres
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INT); INSERT INTO stock VALUES (?, ?), (?, ?)
          db.query.summary = CREATE TABLE stock INSERT stock
        shop: Client "BEGIN", root
          db.system.name = postgresql
          db.namespace = postgres
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = BEGIN
          db.query.summary = BEGIN
          db.operation.name = BEGIN
        shop: Client "UPDATE stock", root
          db.system.name = postgresql
          db.namespace = postgres
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = UPDATE stock SET quantity = quantity - $1 WHERE sku = ANY($2)
          db.query.summary = UPDATE stock
          db.operation.name = UPDATE
          db.collection.name = stock
          baton.affected_rows = 2
        shop: Client "INSERT stock", root
          db.system.name = postgresql
          db.namespace = postgres
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = INSERT INTO stock VALUES (?, ?)
          db.query.summary = INSERT stock
          db.operation.name = INSERT
          db.collection.name = stock
          db.response.status_code = 23505
          error.type = 23505
          Error { description: "duplicate key value violates unique constraint \"stock_pkey\"" }
        shop: Client "ROLLBACK", root
          db.system.name = postgresql
          db.namespace = postgres
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = ROLLBACK
          db.query.summary = ROLLBACK
          db.operation.name = ROLLBACK
        shop: Client "SELECT stock", root
          db.system.name = postgresql
          db.namespace = postgres
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = SELECT sku, ? FROM stock WHERE quantity IN (?) OR sku = ?
          db.query.summary = SELECT stock
          db.operation.name = SELECT
          db.collection.name = stock
          db.response.returned_rows = 2
    "#]]
}
