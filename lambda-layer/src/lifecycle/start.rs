//! What is set up before the first event: listeners, the client for Lambda's APIs, the subscription.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::extensions_api::ExtensionsApi;
use crate::invocations::Invocations;
use crate::telemetry::{self, Record};

/// What Lambda says of init and invocations; `None` when it will say nothing.
pub(super) async fn subscribe(
    api: &ExtensionsApi,
    listener: TcpListener,
    invocations: &Arc<Invocations>,
) -> Option<mpsc::Receiver<Record>> {
    const WAITING_RECORDS: usize = 1024;
    let port = listener.local_addr().ok()?.port();
    let (sender, records) = mpsc::channel(WAITING_RECORDS);
    tokio::spawn(telemetry::serve(listener, Arc::clone(invocations), sender));
    match api.subscribe(port).await {
        Ok(true) => Some(records),
        Ok(false) => {
            tracing::info!("no Telemetry API here: spans are flushed at the next event");
            None
        }
        Err(error) => {
            tracing::warn!("no telemetry: {error}; spans are flushed at the next event");
            None
        }
    }
}

pub(super) async fn bind(address: std::net::SocketAddr, variable: &str) -> Option<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::error!(
                "`{variable}` is `{address}`: expected a free address, but {error}; the layer goes on without it, set another port"
            );
            None
        }
    }
}

/// A client for Lambda's own APIs: no proxy, no certificates to load, and nothing that times out while frozen.
pub(super) fn local_client() -> Result<reqwest::Client, reqwest::Error> {
    // Every client needs a provider, even one that never speaks TLS. An error means that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
}
