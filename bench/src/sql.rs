//! What tracing adds to a query of `sqlx`, on SQLite in memory: the cheapest query there is.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;
use baton_propagators::sql::SqlTracing;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor, Sqlite, SqlitePool};

use crate::figures::Figures;

const RUNS: usize = 40;
const QUERIES: u32 = 250;
const QUERY: &str = "SELECT quantity FROM stock WHERE sku = ?";

/// Adds `sqlx_added_us`: microseconds a query, from pairs of runs with and without, in turn.
pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(Discard)
        .build();
    let tracing = SqlTracing::new(provider.tracer("bench"));
    let (plain, traced) = (stock().await?, tracing.pool(stock().await?));
    // The first runs warm up.
    queries(&plain).await?;
    queries(&traced).await?;
    let mut added = Vec::new();
    let mut without = Vec::new();
    for _ in 0..RUNS {
        let before = queries(&plain).await?;
        added.push(queries(&traced).await? - before);
        without.push(before);
    }
    figures.add("sqlx_added_us", added, Some("≤ 5"));
    figures.add("sqlx_untraced_us", without, None);
    Ok(())
}

async fn stock() -> Result<SqlitePool> {
    let one = SqlitePoolOptions::new().max_connections(1);
    let memory: SqliteConnectOptions = "sqlite::memory:".parse()?;
    let pool = one.connect_with(memory).await?;
    let fill = "CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INTEGER); INSERT INTO stock VALUES ('sku-1', 3)";
    sqlx::raw_sql(fill).execute(&pool).await?;
    Ok(pool)
}

/// Microseconds a query.
async fn queries<'e, E>(executor: E) -> Result<f64>
where
    E: Executor<'e, Database = Sqlite> + Copy,
{
    let started = Instant::now();
    for _ in 0..QUERIES {
        let query = sqlx::query_scalar::<_, i64>(QUERY).bind("sku-1");
        black_box(query.fetch_one(executor).await?);
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(QUERIES))
}

/// Spans are finished and go nowhere: exporting is not what is measured.
#[derive(Debug)]
struct Discard;

impl SpanExporter for Discard {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        black_box(batch);
        Ok(())
    }
}
