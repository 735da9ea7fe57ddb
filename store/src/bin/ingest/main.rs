//! The ingest function: OTLP/HTTP by Function URL or API Gateway (v1 and v2 events), into the store of `BATON_STORE`.
//!
//! The store is opened at init, so a wrong one shows there and not at the first request. Opening an existing store takes some tens of
//! milliseconds, most of it DuckDB's. Every answer comes after its spans are durable: what happens to a frozen or killed environment
//! loses nothing. A frozen one holds the store's lock.
//!
//! It refuses to trace itself: it makes no spans, and neither reads nor hands on a trace context. A trace of the
//! function that stores traces would make a trace for every trace.

mod answer;
mod environment;
mod event;
mod init_error;

use std::process::ExitCode;

use anyhow::Context;
use baton_store::http::Intake;
use baton_store::schema::Store;
use baton_store::writer::Writer;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use tokio::signal::unix::{SignalKind, signal};

use answer::Answer;
use environment::Environment;
use event::HttpEvent;

#[tokio::main]
async fn main() -> ExitCode {
    let environment = environment::read();
    let filter = environment
        .log
        .parse::<tracing_subscriber::EnvFilter>()
        .unwrap_or_default();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();

    let opened = open(&environment);
    let result = match opened {
        Ok(writer) => serve(writer).await,
        Err(error) => {
            init_error::report(&environment, &error).await;
            Err(error)
        }
    };
    if let Err(error) = result {
        anstream::eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn open(environment: &Environment) -> anyhow::Result<Writer> {
    let store = Store::open(&environment.store()?, &environment.settings())?;
    Writer::start(store).context("the operating system gave no thread")
}

/// Answers events until SIGTERM, which Lambda sends before it ends an environment that has an extension.
async fn serve(writer: Writer) -> anyhow::Result<()> {
    let mut terminate =
        signal(SignalKind::terminate()).context("the operating system refused a signal handler")?;
    let intake = Intake::new(writer.clone());
    let handler = service_fn(async |event: LambdaEvent<HttpEvent>| {
        let request = event.payload.into_request()?;
        Ok::<Answer, event::EventError>(Answer::of(intake.handle(request).await))
    });
    // Without the layer of `lambda_runtime::run` that logs spans.
    let runtime = Runtime::new(handler);
    tokio::select! {
        ended = runtime.run() => ended.map_err(|error| anyhow::anyhow!("the Runtime API failed: {error}"))?,
        _ = terminate.recv() => {}
        () = writer.ended() => anyhow::bail!("the store can no longer be written: look above for the reason"),
    }
    writer.close().await;
    Ok(())
}
