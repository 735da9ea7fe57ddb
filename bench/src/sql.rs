//! What tracing adds to a query of `sqlx`, on SQLite in memory: the cheapest query there is.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use baton_propagators::sql::SqlTracing;
use nix::time::{ClockId, clock_gettime};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor, Sqlite, SqlitePool};

use crate::figures::Figures;

const RUNS: usize = 1001;
/// Few: with and without follow each other so closely that both meet the same machine.
const QUERIES: u32 = 20;
const QUERY: &str = "SELECT quantity FROM stock WHERE sku = ?";

/// How long the queries of a run took, microseconds a query.
#[derive(Clone, Copy, Debug)]
struct Took {
    wall: f64,
    cpu: f64,
}

/// Adds `sqlx_added_us`: microseconds of CPU time a query, of all threads of this process, from pairs of runs in turn.
///
/// sqlx hands each query of SQLite to a thread and waits for it: how long that takes on the clock depends on what else the
/// machine does, by ten times what is measured here. Tracing waits for nothing, so what it adds is CPU time.
pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(Discard)
        .build();
    let tracing = SqlTracing::new(provider.tracer("bench"));
    let (plain, traced) = (stock().await?, tracing.pool(stock().await?));
    // The first runs warm up.
    queries(&plain).await?;
    queries(&traced).await?;
    let mut pairs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        pairs.push([queries(&plain).await?, queries(&traced).await?]);
    }
    let of = |figure: fn([Took; 2]) -> f64| pairs.iter().copied().map(figure).collect();
    let added = of(|[plain, traced]| traced.cpu - plain.cpu);
    figures.add("sqlx_added_us", added, Some("≤ 5"));
    let added = of(|[plain, traced]| traced.wall - plain.wall);
    figures.add("sqlx_added_wall_us", added, None);
    figures.add("sqlx_untraced_us", of(|[plain, _]| plain.cpu), None);
    figures.add("sqlx_untraced_wall_us", of(|[plain, _]| plain.wall), None);
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

async fn queries<'e, E>(executor: E) -> Result<Took>
where
    E: Executor<'e, Database = Sqlite> + Copy,
{
    let (started, cpu) = (Instant::now(), cpu_time()?);
    for _ in 0..QUERIES {
        let query = sqlx::query_scalar::<_, i64>(QUERY).bind("sku-1");
        black_box(query.fetch_one(executor).await?);
    }
    let each = |all: Duration| all.as_secs_f64() * 1e6 / f64::from(QUERIES);
    Ok(Took {
        wall: each(started.elapsed()),
        cpu: each(cpu_time()?.saturating_sub(cpu)),
    })
}

/// Of all threads.
fn cpu_time() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// Spans are finished and go nowhere: exporting is not what is measured.
#[derive(Debug)]
pub(crate) struct Discard;

impl SpanExporter for Discard {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        black_box(batch);
        Ok(())
    }
}
