//! Answers in SQL, warm, over a store of half a million spans.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::figures::Figures;
use crate::requests::{SPANS, request, trace_id_hex};
use crate::serve::Serve;

const REQUESTS: u64 = 1_000;
const RUNS: usize = 7;

pub(crate) async fn measure() -> Result<Figures> {
    let dir = tempfile::tempdir()?;
    let serve = Serve::start(dir.path()).await?;
    for n in 0..REQUESTS {
        serve.send(request(n)).await?;
    }
    let trace = trace_id_hex(REQUESTS * SPANS as u64 / 2);
    let queries = [
        ("count_ms", "SELECT count(*) FROM spans".to_owned()),
        ("trace_by_id_ms", format!("SELECT * FROM spans WHERE trace_id = '{trace}'")),
        ("waterfall_ms", format!("SELECT * FROM waterfall('{trace}')")),
        ("attribute_and_status_ms", "SELECT count(*) FROM spans WHERE attributes['user.id'] = 'usr_00042' AND \"http.response.status_code\" = 500".to_owned()),
        ("p99_by_service_ms", "SELECT service_name, quantile_cont(duration_ns, 0.99) FROM spans GROUP BY 1".to_owned()),
    ];
    let mut figures = Figures::default();
    for (metric, sql) in queries {
        let mut times = Vec::new();
        for _ in 0..=RUNS {
            let started = Instant::now();
            let rows = serve.rows(&sql).await?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            ensure!(!rows.is_empty(), "`{sql}` found nothing");
        }
        // The first one warms the caches.
        times.remove(0);
        figures.add(metric, times, None);
    }
    Ok(figures)
}
