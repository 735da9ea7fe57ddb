//! A cache in front of slow stock, traced: `cargo run --example redis -- redis://127.0.0.1/`
//!
//! It prints the spans that it made. A real program exports them, and uses `RedisTracing::global()`.

use anyhow::{Context as _, Result};
use baton_propagators::redis::RedisTracing;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use redis::AsyncCommands;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1);
    let url = url.context("expected the URL of a server, such as `redis://127.0.0.1/`")?;
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();

    let client = redis::Client::open(url)?;
    let connection = client.get_multiplexed_async_connection().await?;
    let tracing = RedisTracing::new(provider.tracer("stock")).server(client.get_connection_info());
    let mut cache = tracing.connection(connection);

    for sku in ["sku-1", "sku-2", "sku-1"] {
        let key = format!("stock:{sku}");
        let known: Option<i64> = cache.get(&key).await?;
        if known.is_none() {
            let () = cache.set_ex(&key, slow_count(sku), 60).await?;
        }
    }
    let mut reserve = redis::pipe();
    reserve.decr("stock:sku-1", 1).decr("stock:sku-2", 1);
    let left: (i64, i64) = reserve.query_async(&mut cache).await?;
    println!("left: {left:?}");

    for span in exporter.get_finished_spans()? {
        let text = span
            .attributes
            .iter()
            .find(|found| found.key.as_str() == "db.query.text");
        println!(
            "{}",
            text.map(|text| text.value.to_string()).unwrap_or_default()
        );
    }
    Ok(())
}

/// What a database would be asked.
fn slow_count(sku: &str) -> usize {
    sku.len()
}
