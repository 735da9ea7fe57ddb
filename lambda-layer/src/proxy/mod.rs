//! The Runtime API proxy: between the runtime and Lambda, so that a function in any language is seen without a change.
//!
//! It moves bytes. What it may change are the two headers and the one event header by which context is handed on; everything else
//! passes as it came, unknown paths and headers included, in the case they were written in. Calls have no time limit, `/next` least of all.
//!
//! Reference: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

mod call;
mod event;
mod keep;
mod ping;
mod post;
mod upstream;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::invocations::{Failure, Invocations};

use call::Call;
use upstream::Upstream;

pub use ping::ping;

/// Of an event or an answer, so much is kept for reading: Lambda's limit of 6 MiB and a bit, with room for what may come.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const READ_BYTES: usize = 6 * 1024 * 1024 + 64 * 1024;
/// An error with its stack; Lambda takes no more of one.
const ERROR_BYTES: usize = 1024 * 1024;
/// Of a stream only the beginning is read: it may be 200 MB.
const STREAM_BYTES: usize = 64 * 1024;
/// What is kept of everything that is under way at one time. Beyond it bodies pass unread.
const BUDGET_BYTES: usize = 64 * 1024 * 1024;
/// <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>; `transfer-encoding` and `trailer` are what hyper needs to know.
const HOP_BY_HOP: [HeaderName; 4] = [
    http::header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    http::header::UPGRADE,
];

type Body = UnsyncBoxBody<Bytes, hyper::Error>;

/// The proxy's shared state.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    upstream: Upstream,
    invocations: Arc<Invocations>,
    budget: Arc<Semaphore>,
}

/// Why a call could not be passed on. The runtime's connection is closed then, as if Lambda had.
#[derive(Debug, thiserror::Error)]
enum ProxyError {
    #[error("the Runtime API did not answer: {0}")]
    Upstream(#[from] hyper_util::client::legacy::Error),
    #[error("a body broke off: {0}")]
    Body(#[from] hyper::Error),
    #[error("no valid request: {0}")]
    Http(#[from] http::Error),
}

impl Proxy {
    /// A proxy at `address`, before Lambda's API at `runtime_api`.
    pub(crate) fn new(
        address: SocketAddr,
        runtime_api: &str,
        invocations: Arc<Invocations>,
    ) -> Option<Arc<Self>> {
        Some(Arc::new(Self {
            address,
            upstream: Upstream::new(runtime_api)?,
            invocations,
            budget: Arc::new(Semaphore::new(BUDGET_BYTES)),
        }))
    }

    async fn pass(&self, request: Request<Incoming>) -> Result<Response<Body>, ProxyError> {
        match Call::of(request.method(), request.uri().path()) {
            Call::Ping => Ok(self.answer_ping(&request)),
            Call::Next => self.next(request).await,
            Call::Response(id) => self.response(id, request).await,
            Call::Error(id) => {
                let (failure, response) = self.error(request).await?;
                if let Some(failure) = failure {
                    self.guarded(|| self.invocations.failed(&id, failure));
                }
                Ok(response)
            }
            Call::InitError => self.phase_error(request, Invocations::init_failed).await,
            Call::RestoreError => self.phase_error(request, Invocations::restore_failed).await,
            Call::Other => {
                let response = self.upstream.call(request.map(upstream::boxed)).await?;
                Ok(response.map(upstream::boxed))
            }
        }
    }

    /// Tracing fails open: whatever goes wrong in our own code, bytes pass as they came.
    fn guarded<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let outcome = catch_unwind(AssertUnwindSafe(work));
        if outcome.is_err() {
            let panics = &self.invocations.unread.panics;
            panics.fetch_add(1, Ordering::Relaxed);
        }
        outcome.ok()
    }

    async fn phase_error(
        &self,
        request: Request<Incoming>,
        tell: impl Fn(&Invocations, Failure),
    ) -> Result<Response<Body>, ProxyError> {
        let (failure, response) = self.error(request).await?;
        if let Some(failure) = failure {
            self.guarded(|| tell(&self.invocations, failure));
        }
        Ok(response)
    }
}

/// Serves the runtime on `listener` for as long as the process lives.
pub(crate) async fn serve(listener: TcpListener, proxy: Arc<Proxy>) {
    loop {
        match listener.accept().await {
            Ok((connection, _)) => {
                tokio::spawn(serve_connection(connection, Arc::clone(&proxy)));
            }
            Err(error) => {
                // Out of file descriptors, most likely: some will come back.
                tracing::warn!("the proxy could not accept a connection: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    }
}

async fn serve_connection(connection: TcpStream, proxy: Arc<Proxy>) {
    let _ = connection.set_nodelay(true);
    let service = service_fn(move |request| {
        let proxy = Arc::clone(&proxy);
        async move { proxy.pass(request).await }
    });
    let served = http1::Builder::new()
        .preserve_header_case(true)
        // Lambda has written one.
        .auto_date_header(false)
        .serve_connection(TokioIo::new(connection), service)
        .await;
    if let Err(error) = served {
        tracing::debug!("a connection of the runtime ended: {error}");
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}
