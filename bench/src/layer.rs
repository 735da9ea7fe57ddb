//! Start of the extension: from spawn to its first `/next`, and the memory it then has.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{get, post, put};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc;

use crate::figures::Figures;
use crate::serve::{binary, peak_memory_mb};

const RUNS: usize = 15;

pub(crate) async fn measure() -> Result<Figures> {
    let (ready, mut is_ready) = mpsc::channel::<()>(1);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let api = listener.local_addr()?.to_string();
    let server = tokio::spawn(async move { axum::serve(listener, extensions_api(ready)).await });

    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let started = Instant::now();
        let mut process = Command::new(binary("baton-layer")?)
            .env("AWS_LAMBDA_RUNTIME_API", &api)
            .env("BATON_EXPORT", "http://127.0.0.1:9")
            .envs([
                ("BATON_OTLP_HTTP", "127.0.0.1:0"),
                ("BATON_TELEMETRY", "127.0.0.1:0"),
            ])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        tokio::time::timeout(Duration::from_secs(10), is_ready.recv())
            .await
            .context("the extension never asked for an event")?;
        starts.push(started.elapsed().as_secs_f64() * 1e3);
        memory.push(peak_memory_mb(
            process.id().context("the extension ended")?,
        )?);
        process.kill().await?;
    }
    server.abort();

    let mut figures = Figures::default();
    figures.add("extension_ready_ms", starts, None);
    figures.add("extension_resident_mb", memory, None);
    Ok(figures)
}

/// As much of the Extensions API as a start needs. `/next` never answers.
fn extensions_api(ready: mpsc::Sender<()>) -> Router {
    let register = || async {
        let body = r#"{"functionName":"bench","functionVersion":"$LATEST","handler":"handler"}"#;
        (
            [(
                "Lambda-Extension-Identifier",
                "b9c7c9b4-6d7f-4d0b-9d0e-3f3f1f0c9d11",
            )],
            body,
        )
            .into_response()
    };
    let next = move || {
        let ready = ready.clone();
        async move {
            // The receiver waits for each start.
            let _ = ready.send(()).await;
            std::future::pending::<()>().await;
        }
    };
    Router::new()
        .route("/2020-01-01/extension/register", post(register))
        .route("/2020-01-01/extension/event/next", get(next))
        .route("/2022-07-01/telemetry", put(|| async { "OK" }))
}
