//! MariaDB, through the driver of MySQL.

use expect_test::{Expect, expect};
use sqlx::{
    MySql,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
};

use super::{Spans, server::Server};
use baton_propagators::sql::{SqlTracing, TracedPool};

async fn connect(server: &Server, tracing: &SqlTracing) -> TracedPool<MySql> {
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.port)
        .username("root")
        .database("mysql");
    let one = MySqlPoolOptions::new().max_connections(1);
    tracing.pool(one.connect_with(options).await.unwrap())
}

#[tokio::test]
#[ignore = "needs MariaDB: cargo xtask test --all"]
async fn spans_of_mariadb() {
    let server = Server::mariadb();
    let spans = Spans::new();
    let pool = connect(&server, &spans.tracing().system("mariadb")).await;
    sqlx::raw_sql("CREATE TABLE `stock` (sku VARCHAR(9) PRIMARY KEY, quantity INT); # all\nINSERT INTO stock VALUES (\"a\", 1), ('it\\'s', 2);").execute(&pool).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let changed = sqlx::query("UPDATE stock SET quantity = quantity - ? WHERE sku IN (?, 'b')")
        .bind(1)
        .bind("a")
        .execute(&mut *transaction);
    assert_eq!(changed.await.unwrap().rows_affected(), 1);
    let twice = sqlx::query("INSERT INTO stock VALUES (?, 1)")
        .bind("a")
        .execute(&mut *transaction);
    assert!(
        twice
            .await
            .unwrap_err()
            .into_database_error()
            .unwrap()
            .is_unique_violation()
    );
    transaction.commit().await.unwrap();
    let rows = sqlx::query("SELECT quantity FROM stock WHERE sku = ?")
        .bind("it's")
        .fetch_all(&pool);
    assert_eq!(rows.await.unwrap().len(), 1);
    expected().assert_eq(&spans.take().replace(&server.port.to_string(), "PORT"));
}

#[tokio::test]
#[ignore = "needs MariaDB: cargo xtask test --all"]
async fn comments_reach_mariadb() {
    const OWN: &str =
        "SELECT CAST(info AS CHAR) FROM information_schema.processlist WHERE id = connection_id();";
    let server = Server::mariadb();
    let spans = Spans::new();
    let pool = connect(
        &server,
        &spans
            .tracing()
            .comment("service", "shop")
            .comment_traceparent(),
    )
    .await;
    let own = OWN.trim_end_matches(';');
    let prepared: String = sqlx::query_scalar(OWN).fetch_one(&pool).await.unwrap();
    assert_eq!(
        prepared.trim_end_matches(';'),
        format!("{own} /*service='shop'*/")
    );
    let row = sqlx::raw_sql(OWN).fetch_one(&pool).await.unwrap();
    let raw: String = sqlx::Row::get(&row, 0);
    assert!(
        raw.starts_with(&format!("{own} /*service='shop',traceparent='00-")),
        "{raw}"
    );
    assert!(!spans.take().contains("/*"));
}

fn expected() -> Expect {
    expect![[r#"
        shop: Client "CREATE TABLE `stock` INSERT stock", root
          db.system.name = mariadb
          db.namespace = mysql
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = CREATE TABLE `stock` (sku VARCHAR(?) PRIMARY KEY, quantity INT); INSERT INTO stock VALUES (?, ?), (?, ?);
          db.query.summary = CREATE TABLE `stock` INSERT stock
        shop: Client "BEGIN", root
          db.system.name = mariadb
          db.namespace = mysql
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = BEGIN
          db.query.summary = BEGIN
          db.operation.name = BEGIN
        shop: Client "UPDATE stock", root
          db.system.name = mariadb
          db.namespace = mysql
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = UPDATE stock SET quantity = quantity - ? WHERE sku IN (?)
          db.query.summary = UPDATE stock
          db.operation.name = UPDATE
          db.collection.name = stock
          baton.affected_rows = 1
        shop: Client "INSERT stock", root
          db.system.name = mariadb
          db.namespace = mysql
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = INSERT INTO stock VALUES (?, ?)
          db.query.summary = INSERT stock
          db.operation.name = INSERT
          db.collection.name = stock
          db.response.status_code = 1062
          error.type = 1062
          Error { description: "Duplicate entry 'a' for key 'PRIMARY'" }
        shop: Client "COMMIT", root
          db.system.name = mariadb
          db.namespace = mysql
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = COMMIT
          db.query.summary = COMMIT
          db.operation.name = COMMIT
        shop: Client "SELECT stock", root
          db.system.name = mariadb
          db.namespace = mysql
          server.address = 127.0.0.1
          server.port = PORT
          db.query.text = SELECT quantity FROM stock WHERE sku = ?
          db.query.summary = SELECT stock
          db.operation.name = SELECT
          db.collection.name = stock
          db.response.returned_rows = 1
    "#]]
}
