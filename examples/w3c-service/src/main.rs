//! The service under test of the W3C trace-context harness: <https://github.com/w3c/trace-context/tree/main/test>.
//!
//! ```sh
//! cargo run -p w3c-service -- --listen 127.0.0.1:7777
//! python3 test.py http://127.0.0.1:7777/        # in `test/` of the W3C repository
//! ```
//!
//! A `POST` on any path brings a JSON array of `{"url": …, "arguments": […]}`. For each of them the service posts
//! `arguments` to `url`, under a span of its own in the trace of the request. It calls whatever it is told to call: keep it
//! on loopback.

mod callbacks;
mod ids;

use std::net::SocketAddr;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::net::TcpListener;

/// Answers the W3C trace-context test harness
#[derive(Parser)]
struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7777")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    // Fails only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener.with_context(|| format!("could not listen on `{}`", args.listen))?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, callbacks::router()?).await?)
}
