//! The payment provider: an HTTP service outside the traced world, slow for one card brand.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The brand that the provider is slow for.
const SLOW_BRAND: &str = "amex";
const SLOW: Duration = Duration::from_millis(700);
const USUAL: Duration = Duration::from_millis(15);

/// A running provider; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Provider {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Provider {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("no free loopback port for the payment provider")?;
        let address = listener.local_addr()?;
        let router = Router::new().route("/v1/charges", post(charge));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the payment provider stopped: {error}");
            }
        });
        Ok(Self { address, server })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn charge(Json(request): Json<Value>) -> Json<Value> {
    let slow = request.get("card_brand").and_then(Value::as_str) == Some(SLOW_BRAND);
    tokio::time::sleep(if slow { SLOW } else { USUAL }).await;
    Json(json!({ "status": "succeeded", "amount_cents": request.get("amount_cents") }))
}
