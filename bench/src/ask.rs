//! Answers in SQL through `baton serve`, warm, over ten million spans of one day. `baton-bench ask 100000` takes fewer.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::fan_out::{FAN_OUT, fan_out};
use crate::figures::Figures;
use crate::serve::Serve;
use crate::workflows::{DAY_NS, SPANS, START_NS, request, trace_id_hex};

const ALL_SPANS: u64 = 10_000_000;
const RUNS: usize = 3;

const VIEWS: [&str; 11] = [
    "traces",
    "workflows",
    "hops",
    "queues",
    "service_edges",
    "invocations",
    "n_plus_one",
    "orphan_spans",
    "stuck_messages",
    "retries",
    "dead_letters",
];

/// What `baton search` makes of `user.id = usr_00042 AND http.status_code = 500`, `duration > 1s`, `lag > 30s` and a resource's attribute.
const SEARCHES: [&str; 4] = [
    "attributes['user.id'] = 'usr_00042' AND \"http.response.status_code\" = 500",
    "duration_ns > 1000000000",
    "(trace_id, span_id) IN (SELECT consumer_trace_id, consumer_span_id FROM hops(since := $hour) WHERE lag_ns > 30000000000)",
    "resource_attributes['cloud.region'] = 'eu-west-1'",
];

pub(crate) async fn measure(spans: Option<u64>) -> Result<Figures> {
    let requests = (spans.unwrap_or(ALL_SPANS) / SPANS).max(1);
    let dir = tempfile::tempdir()?;
    let serve = Serve::start(dir.path()).await?;
    let sender = serve.sender();
    for n in 0..requests {
        sender.send(request(n, requests)).await?;
    }
    sender.send(fan_out()).await?;
    let hour = format!(
        "make_timestamptz({})",
        (START_NS + DAY_NS / 24 * 23) / 1_000
    );
    let mut figures = Figures::default();
    let (mut hours, mut days) = (Vec::new(), Vec::new());
    for view in VIEWS {
        // Every column is worked out, and one number comes back.
        hours.push(
            times(
                &serve,
                view,
                &format!("SELECT count(hash(v)) FROM {view}(since := {hour}) AS v"),
            )
            .await?,
        );
        days.push(
            times(
                &serve,
                view,
                &format!("SELECT count(hash(v)) FROM {view} AS v"),
            )
            .await?,
        );
    }
    figures.add("views_hour_ms_max", slowest(hours), Some("200"));
    figures.add("views_day_ms_max", slowest(days), Some("2000"));
    let id = trace_id_hex(FAN_OUT);
    let workflow = format!("SELECT count(hash(v)) FROM workflow('{id}') AS v");
    figures.add(
        "workflow_10k_ms",
        times(&serve, "workflow", &workflow).await?,
        None,
    );
    let path = format!("SELECT count(hash(v)) FROM critical_path('{id}') AS v");
    figures.add(
        "critical_path_10k_ms",
        times(&serve, "critical_path", &path).await?,
        Some("50"),
    );
    let mut searches = Vec::new();
    for condition in SEARCHES {
        let condition = condition.replace("$hour", &hour);
        let sql = format!(
            "SELECT trace_id, count(*) FROM spans WHERE {condition} GROUP BY trace_id ORDER BY max(start_time_ns) DESC LIMIT 20"
        );
        searches.push(times(&serve, &condition, &sql).await?);
    }
    figures.add("search_ms_max", slowest(searches), None);
    Ok(figures)
}

/// The first run warms the caches and does not count. What `serve` stops after its 30 seconds counts as those.
async fn times(serve: &Serve, what: &str, sql: &str) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let started = Instant::now();
        let answer = serve.rows(sql).await;
        let took_ms = started.elapsed().as_secs_f64() * 1e3;
        if let Err(error) = &answer {
            ensure!(error.to_string().contains("longer than"), "{error}");
        }
        times.push(took_ms);
    }
    times.remove(0);
    let best = times.iter().copied().fold(f64::INFINITY, f64::min);
    println!("{best:>10.0} ms  {what}");
    Ok(times)
}

fn slowest(all: Vec<Vec<f64>>) -> Vec<f64> {
    let total = |times: &Vec<f64>| times.iter().sum::<f64>();
    all.into_iter()
        .max_by(|one, other| total(one).total_cmp(&total(other)))
        .unwrap_or_default()
}
