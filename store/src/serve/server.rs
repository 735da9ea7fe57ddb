//! Starting, serving, stopping.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::access::Token;
use super::error::ServeError;
use super::listen::{Limits, listen};
use super::presence::{Presence, PresenceFile};
use super::sql::Desk;
use crate::http::{Intake, Reject, media_type, rejection, router};
use crate::schema::{Settings, Store};
use crate::url::StoreUrl;
use crate::writer::Writer;

/// Requests that are not answered by then are cut off; their senders send them again.
const DRAIN: Duration = Duration::from_secs(5);
const OTLP_FLAG: &str = "--otlp-http";
const HTTP_FLAG: &str = "--http";

/// What `serve` is told.
///
/// ```
/// use baton_store::serve::ServeOptions;
/// use baton_store::url::StoreUrl;
///
/// let options = ServeOptions::new(StoreUrl::duckdb("spans.duckdb"));
/// assert_eq!(options.otlp_http.to_string(), "127.0.0.1:4318");
/// assert_eq!(options.http.to_string(), "127.0.0.1:8321");
/// ```
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The store; this process is the one that writes it.
    pub store: StoreUrl,
    /// Where OTLP/HTTP is received; port 0 takes a free one.
    pub otlp_http: SocketAddr,
    /// Where `POST /v1/sql` is answered; port 0 takes a free one.
    pub http: SocketAddr,
    /// The bearer token of `/v1/sql`, and of OTLP beyond loopback; a random one when `None`.
    pub token: Option<String>,
    /// What DuckDB may use.
    pub settings: Settings,
}

impl ServeOptions {
    /// The usual addresses and settings.
    #[must_use]
    pub fn new(store: StoreUrl) -> Self {
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            store,
            otlp_http: loopback(4318),
            http: loopback(8321),
            token: None,
            settings: Settings::default(),
        }
    }

    fn check(&self) -> Result<(), ServeError> {
        if self
            .token
            .as_ref()
            .is_some_and(|token| token.trim().is_empty())
        {
            return Err(ServeError::EmptyToken);
        }
        let exposed = [(self.otlp_http, OTLP_FLAG), (self.http, HTTP_FLAG)]
            .into_iter()
            .find(|(address, _)| !address.ip().is_loopback());
        match exposed {
            Some((address, flag)) if self.token.is_none() => {
                Err(ServeError::Exposed { address, flag })
            }
            _ => Ok(()),
        }
    }
}

/// A store that listens.
///
/// ```
/// use baton_store::serve::{ServeOptions, Server};
/// use baton_store::url::StoreUrl;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let folder = tempfile::tempdir()?;
/// let store = StoreUrl::duckdb(folder.path().join("spans.duckdb"));
/// let server = Server::start(ServeOptions {
///     otlp_http: "127.0.0.1:0".parse()?,
///     http: "127.0.0.1:0".parse()?,
///     ..ServeOptions::new(store.clone())
/// })
/// .await?;
/// assert!(store.serve_file().exists());
///
/// server.run_until(async { /* until something happens */ }).await?;
/// assert!(!store.serve_file().exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    writer: Writer,
    store: StoreUrl,
    presence: Presence,
    presence_file: PresenceFile,
    listeners: Vec<(TcpListener, Router)>,
}

impl Server {
    /// Opens the store, binds both addresses, and writes `PATH.serve.json`.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn start(options: ServeOptions) -> Result<Self, ServeError> {
        options.check()?;
        let store = Store::open(&options.store, &options.settings)?;
        let otlp = bind(options.otlp_http, OTLP_FLAG).await?;
        let http = bind(options.http, HTTP_FLAG).await?;
        let seed = store.connection().try_clone().map_err(ServeError::Reader)?;
        let writer = Writer::start(store).map_err(|source| ServeError::System {
            what: "a thread",
            source,
        })?;

        let token = options
            .token
            .unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
        let known = Token::of(&token);
        let mut otlp_router = router(Intake::new(writer.clone()));
        if !options.otlp_http.ip().is_loopback() {
            otlp_router = guarded(otlp_router, &known);
        }
        let http_router =
            Desk::new(seed, known, options.http.ip().is_loopback(), writer.clone()).router();

        let address_of = |listener: &TcpListener, asked: SocketAddr| {
            listener.local_addr().unwrap_or(asked).to_string()
        };
        let presence = Presence {
            address: address_of(&http, options.http),
            otlp_http: address_of(&otlp, options.otlp_http),
            token,
            pid: std::process::id(),
        };
        let path = options.store.serve_file();
        let written = PresenceFile::write(path.clone(), &presence);
        let presence_file = written.map_err(|source| ServeError::Presence { path, source })?;
        let listeners = vec![(otlp, otlp_router), (http, http_router)];
        Ok(Self {
            writer,
            store: options.store,
            presence,
            presence_file,
            listeners,
        })
    }

    /// What `PATH.serve.json` says.
    #[must_use]
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Serves until `stop` is done; then commits what waits, and closes the store.
    ///
    /// # Errors
    /// Fails when the database can no longer be written.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let (stopping, _) = watch::channel(());
        let mut servers = JoinSet::new();
        for (listener, router) in self.listeners {
            let mut stopped = stopping.subscribe();
            // The sender is dropped at the end: also then it is time to stop.
            let stopped = async move { drop(stopped.changed().await) };
            servers.spawn(listen(listener, router, Limits::default(), stopped));
        }
        let is_broken = tokio::select! {
            () = stop => false,
            () = self.writer.ended() => true,
        };
        drop(stopping);
        let drained = tokio::time::timeout(DRAIN, async {
            while servers.join_next().await.is_some() {}
        });
        if drained.await.is_err() {
            tracing::warn!("some requests were not answered in time and are cut off");
        }
        // Queries share the database: none may run while it is closed.
        servers.shutdown().await;
        self.writer.close().await;
        drop(self.presence_file);
        if is_broken {
            Err(ServeError::WriterEnded {
                store: self.store.to_string(),
            })
        } else {
            Ok(())
        }
    }
}

async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::InUse { address, flag },
            _ => ServeError::Bind {
                address,
                flag,
                source,
            },
        })
}

/// Beyond loopback OTLP needs the token, too: exporters send it with `OTEL_EXPORTER_OTLP_HEADERS`.
fn guarded(router: Router, token: &Token) -> Router {
    let token = token.clone();
    router.layer(from_fn(move |request: Request, next: Next| {
        let is_known = token.is_in(request.headers());
        async move {
            if is_known {
                next.run(request).await
            } else {
                refuse(&request)
            }
        }
    }))
}

fn refuse(request: &Request) -> Response {
    let content_type = request
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    rejection(
        &Reject::Unauthorized,
        &media_type(content_type.unwrap_or_default()),
    )
}
