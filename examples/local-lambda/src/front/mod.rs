//! The HTTP doors: the Invoke API for SDKs and a Function URL per function for everybody else.

pub(crate) mod function_url;
pub(crate) mod invoke_api;

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A listening door; dropping it closes it, even for clients that keep their connection open.
#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    task: JoinHandle<()>,
}

// === impl Door ===

impl Door {
    /// Serves the router until `stop` turns true.
    pub(crate) fn open(
        listener: TcpListener,
        router: Router,
        mut stop: watch::Receiver<bool>,
    ) -> Self {
        let unknown = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let address = listener.local_addr().unwrap_or(unknown);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move {
            let stopped = async move {
                // An error means that the owner is gone: stop as well.
                let _ = stop.wait_for(|stopped| *stopped).await;
            };
            if let Err(error) = axum::serve(listener, service)
                .with_graceful_shutdown(stopped)
                .await
            {
                tracing::error!(%error, %address, "the listener failed");
            }
        });
        Self { address, task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}
