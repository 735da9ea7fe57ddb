//! When a span begins, when it ends, and whose child it is.

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use opentelemetry::context::FutureExt as _;
use sqlx::{Sqlite, sqlite::SqlitePoolOptions};

use super::Spans;
use crate::queue::caller;

const NUMBERS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT i FROM n";

async fn pool(spans: &Spans) -> baton_propagators::sql::TracedPool<Sqlite> {
    let one = SqlitePoolOptions::new().max_connections(1);
    spans
        .tracing()
        .pool(one.connect("sqlite::memory:").await.unwrap())
}

#[tokio::test]
async fn a_stream_lives_until_its_last_row() {
    let spans = Spans::new();
    let pool = pool(&spans).await;
    let mut rows = sqlx::query(NUMBERS).fetch(&pool);
    assert!(spans.names().is_empty(), "nobody asked for a row yet");
    rows.next().await.unwrap().unwrap();
    assert!(spans.names().is_empty(), "there are more rows");
    while rows.try_next().await.unwrap().is_some() {}
    let text = spans.take();
    assert!(
        text.contains("db.response.returned_rows = 1000\n"),
        "{text}"
    );
    drop(rows);
    assert!(spans.names().is_empty(), "a span ends once");
}

#[tokio::test]
async fn a_dropped_stream_ends_its_span() {
    let spans = Spans::new();
    let pool = pool(&spans).await;
    let rows = sqlx::query(NUMBERS).fetch(&pool);
    assert_eq!(rows.take(3).count().await, 3);
    let text = spans.take();
    assert!(text.contains("db.response.returned_rows = 3\n"), "{text}");
    assert!(!text.contains("Error"), "giving up is no error: {text}");
}

#[tokio::test]
async fn a_cancelled_future_ends_its_span() {
    let spans = Spans::new();
    let pool = pool(&spans).await;
    let held = pool.acquire().await.unwrap();
    // Polled once: it waits for the only connection.
    assert!(
        sqlx::query("SELECT 1")
            .fetch_all(&pool)
            .now_or_never()
            .is_none()
    );
    assert_eq!(spans.names(), ["SELECT"]);
    assert!(
        sqlx::query("SELECT 1")
            .fetch_optional(&pool)
            .now_or_never()
            .is_none()
    );
    assert_eq!(spans.names(), ["SELECT"]);
    assert!(pool.begin().now_or_never().is_none());
    assert_eq!(spans.names(), ["BEGIN"]);
    drop(held);
    sqlx::query("SELECT 1").execute(&pool).await.unwrap();
}

#[tokio::test]
async fn what_is_never_polled_makes_no_span() {
    let spans = Spans::new();
    let pool = pool(&spans).await;
    drop(sqlx::query("SELECT 1").fetch(&pool));
    drop(sqlx::query("SELECT 1").fetch_all(&pool));
    drop(pool.begin());
    assert!(spans.names().is_empty());
}

#[tokio::test]
async fn a_stream_belongs_to_where_it_was_made() {
    let spans = Spans::new();
    let pool = pool(&spans).await;
    let made = async { sqlx::query(NUMBERS).fetch(&pool) }
        .with_context(caller())
        .await;
    assert_eq!(made.count().await, 1000);
    let text = spans.take();
    assert!(
        text.contains("4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7"),
        "{text}"
    );

    let polled = sqlx::query(NUMBERS).fetch(&pool);
    polled.count().with_context(caller()).await;
    let text = spans.take();
    assert!(
        text.contains("4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7"),
        "{text}"
    );
}
