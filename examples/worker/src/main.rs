//! A queue worker outside Lambda: receives orders from SQS, ships them, and sends a span for each to an OTLP receiver.
//!
//! ```text
//! baton serve &
//! worker https://sqs.us-east-1.amazonaws.com/123456789012/orders
//! ```

mod shipping;
mod telemetry;

use std::time::Duration;

use anyhow::Result;
use baton_propagators::sqs::Consumer;
use clap::Parser;

use telemetry::Telemetry;

/// Ships the orders of a queue until SIGTERM or ctrl-c.
///
/// The AWS SDK reads its usual variables (`AWS_REGION`, `AWS_ENDPOINT_URL_SQS`, …), and so does OpenTelemetry
/// (`OTEL_EXPORTER_OTLP_ENDPOINT`, by default http://localhost:4318).
#[derive(Debug, Parser)]
struct Arguments {
    /// The URL of the queue.
    queue: String,
    /// How many orders are shipped at once.
    #[arg(long, default_value_t = 10)]
    concurrency: usize,
    /// After how many seconds others get the orders of a worker that died.
    #[arg(long, default_value_t = 30)]
    visibility: u64,
    /// How many seconds orders may still take when the worker is told to stop.
    #[arg(long, default_value_t = 20)]
    drain: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let telemetry = Telemetry::start("worker")?;

    let consumer = Consumer::builder(telemetry.sqs().await, arguments.queue)
        .concurrency(arguments.concurrency)
        .visibility(Duration::from_secs(arguments.visibility))
        .drain(Duration::from_secs(arguments.drain))
        .tracer(telemetry.tracer())
        .flush(telemetry.flusher())
        .build();
    let report = consumer.run(shipping::ship).await?;

    eprintln!("{report:?}");
    telemetry.stop().await;
    Ok(())
}
