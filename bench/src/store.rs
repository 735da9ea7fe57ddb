//! Spans a second, acknowledged, durable and queryable, from four connections; memory, and bytes on disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::figures::Figures;
use crate::requests::SPANS;
use crate::serve::{Serve, cpu_seconds};
use crate::template::Template;

const CONNECTIONS: usize = 4;
const RUNS: usize = 5;
const RUN: Duration = Duration::from_secs(4);
/// Of seven, one lies like any request.
const TEMPLATES: u64 = 7;

pub(crate) async fn measure() -> Result<Figures> {
    let dir = tempfile::tempdir()?;
    let mut serve = Serve::start(dir.path()).await?;
    let templates = (0..TEMPLATES)
        .map(Template::of)
        .collect::<Result<Vec<_>>>()?;
    let load = Arc::new(Load {
        templates,
        next: AtomicU64::new(0),
    });
    let (mut rates, mut own_cores, mut serve_cores, mut visible) = (vec![], vec![], vec![], vec![]);
    for _ in 0..RUNS {
        let cpu = (cpu_seconds("self")?, serve.cpu_seconds()?);
        let (sent, seconds) = load.run(&serve).await?;
        rates.push(f64::from(sent) / seconds);
        own_cores.push((cpu_seconds("self")? - cpu.0) / seconds);
        serve_cores.push((serve.cpu_seconds()? - cpu.1) / seconds);
        visible.push(load.check_count(&serve).await?);
    }
    let mut figures = Figures::default();
    figures.add("http_spans_per_s", rates, Some("500000"));
    figures.add("serve_cores", serve_cores, None);
    figures.add("load_generator_cores", own_cores, None);
    figures.add("count_after_load_ms", visible, None);
    figures.add("rss_mb_max", vec![serve.peak_memory_mb()?], Some("512"));

    let started = Instant::now();
    serve.terminate().await?;
    figures.add("shutdown_s", vec![started.elapsed().as_secs_f64()], None);
    let bytes = std::fs::metadata(dir.path().join("bench.duckdb"))?.len();
    let spans = load.spans();
    ensure!(
        !dir.path().join("bench.duckdb.hot").exists(),
        "something was not taken in"
    );
    let per_span = u32::try_from(bytes / spans).context("bytes a span")?;
    figures.add(
        "bytes_per_span_native",
        vec![f64::from(per_span)],
        Some("60"),
    );
    Ok(figures)
}

struct Load {
    templates: Vec<Template>,
    next: AtomicU64,
}

impl Load {
    fn spans(&self) -> u64 {
        self.next.load(Ordering::Relaxed) * SPANS as u64
    }

    fn body(&self) -> Result<Vec<u8>> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let template = self.templates.iter().find(|template| template.lies_like(n));
        Ok(template.context("no template lies like this")?.request(n))
    }

    /// Spans acknowledged over all connections, and the seconds it took.
    async fn run(self: &Arc<Self>, serve: &Serve) -> Result<(u32, f64)> {
        let started = Instant::now();
        let mut connections = tokio::task::JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (load, sender) = (Arc::clone(self), serve.sender());
            connections.spawn(async move {
                let mut sent = 0;
                while started.elapsed() < RUN {
                    sender.send(load.body()?).await?;
                    sent += 1;
                }
                anyhow::Ok(sent)
            });
        }
        let mut requests = 0;
        while let Some(sent) = connections.join_next().await {
            requests += sent??;
        }
        let spans = u32::try_from(requests * SPANS)?;
        Ok((spans, started.elapsed().as_secs_f64()))
    }

    /// Everything that was acknowledged is there for the very next question: how long that took, in milliseconds.
    async fn check_count(&self, serve: &Serve) -> Result<f64> {
        let started = Instant::now();
        let stored = serve.rows("SELECT count(*) FROM spans").await?;
        let sent = self.spans();
        ensure!(
            stored == [json!([sent])],
            "{sent} spans were acknowledged, but the store says {stored:?}"
        );
        Ok(started.elapsed().as_secs_f64() * 1e3)
    }
}
