//! The stock, in SQLite. Every query is a span, because the pool is traced.

use std::time::Duration;

use anyhow::{Context as _, Result};
use baton_propagators::sql::{SqlTracing, TracedPool};
use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

const ARTICLES: u32 = 500;

#[derive(Clone)]
pub(crate) struct Stock(TracedPool<Sqlite>);

impl Stock {
    /// Opens the database, and fills it the first time.
    pub(crate) async fn open(path: &str) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .with_context(|| format!("could not open `{path}`"))?;
        let mut filling = pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL)",
        )
        .execute(&mut *filling)
        .await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS reservations (order_id TEXT PRIMARY KEY, items INTEGER NOT NULL)").execute(&mut *filling).await?;
        let fill = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) INSERT OR IGNORE INTO stock SELECT printf('sku-%03d', i), 1000000 FROM n";
        sqlx::query(fill)
            .bind(ARTICLES)
            .execute(&mut *filling)
            .await?;
        filling.commit().await?;
        Ok(Self(SqlTracing::global().pool(pool)))
    }

    /// How many of an article are left.
    pub(crate) async fn available(&self, sku: &str) -> Result<i64> {
        let quantity = sqlx::query_scalar("SELECT quantity FROM stock WHERE sku = ?")
            .bind(sku)
            .fetch_optional(&self.0)
            .await?;
        quantity.with_context(|| format!("there is no article `{sku}`"))
    }

    /// Remembers what an order took. A second delivery of the same order changes nothing.
    pub(crate) async fn reserve(&self, order_id: &str, items: i64) -> Result<()> {
        sqlx::query("INSERT OR IGNORE INTO reservations (order_id, items) VALUES (?, ?)")
            .bind(order_id)
            .bind(items)
            .execute(&self.0)
            .await?;
        Ok(())
    }
}
