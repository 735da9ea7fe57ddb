//! Spans a second, acknowledged, durable and queryable, from four connections.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::figures::Figures;
use crate::requests::{SPANS, request};
use crate::serve::Serve;

const RUNS: usize = 5;
const RUN: Duration = Duration::from_secs(4);

pub(crate) async fn measure() -> Result<Figures> {
    let dir = tempfile::tempdir()?;
    let serve = Serve::start(dir.path()).await?;
    let next = AtomicU64::new(0);
    let mut rates = Vec::new();
    for _ in 0..RUNS {
        rates.push(run(&serve, &next).await?);
    }
    let sent = next.load(Ordering::Relaxed) * SPANS as u64;
    let stored = serve.rows("SELECT count(*) FROM spans").await?;
    ensure!(
        stored == [json!([sent])],
        "{sent} spans were acknowledged, but the store says {stored:?}"
    );

    let mut figures = Figures::default();
    figures.add("ingest_spans_per_s", rates, Some("500000"));
    figures.add("serve_peak_memory_mb", vec![serve.peak_memory_mb()?], None);
    Ok(figures)
}

/// One run: spans acknowledged per second over four connections.
async fn run(serve: &Serve, next: &AtomicU64) -> Result<f64> {
    let started = Instant::now();
    let connection = || async {
        let client = reqwest::Client::new();
        let mut sent = 0;
        while started.elapsed() < RUN {
            serve
                .send(&client, request(next.fetch_add(1, Ordering::Relaxed)))
                .await?;
            sent += SPANS;
        }
        anyhow::Ok(sent)
    };
    let (a, b, c, d) = tokio::try_join!(connection(), connection(), connection(), connection())?;
    let sent = u32::try_from(a + b + c + d)?;
    Ok(f64::from(sent) / started.elapsed().as_secs_f64())
}
