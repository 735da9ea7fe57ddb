//! The function's side: OTLP/HTTP on loopback.

mod body;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::answer::{Answer, Refusal};
use crate::buffer::{Accepted, Buffer};
use crate::otlp::{Signal, count_items};

/// The receiver's shared state.
#[derive(Debug)]
pub(crate) struct Receiver {
    buffer: Arc<Buffer>,
    /// Bodies that are read at one time: together with the body limit this bounds memory before the buffer does.
    readers: Semaphore,
    rejected: Rejected,
}

/// Items that this version has no use for.
#[derive(Debug, Default)]
struct Rejected {
    log_records: AtomicU64,
    data_points: AtomicU64,
}

const READERS: usize = 4;
const READER_WAIT: Duration = Duration::from_secs(1);

impl Receiver {
    pub(crate) fn new(buffer: Arc<Buffer>) -> Arc<Self> {
        Arc::new(Self {
            buffer,
            readers: Semaphore::new(READERS),
            rejected: Rejected::default(),
        })
    }

    /// Log records and data points that were rejected so far.
    pub(crate) fn rejected(&self) -> (u64, u64) {
        let Rejected {
            log_records,
            data_points,
        } = &self.rejected;
        (
            log_records.load(Ordering::Relaxed),
            data_points.load(Ordering::Relaxed),
        )
    }

    async fn answer(&self, request: Request) -> Result<Answer, Refusal> {
        let signal = signal(request.uri().path())?;
        if request.method() != Method::POST {
            return Err(Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("method `{}`: expected `POST`", request.method()),
            ));
        }
        let Ok(_reading) = timeout(READER_WAIT, self.readers.acquire()).await else {
            return Err(Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("{READERS} requests are being read already: send it again later"),
            ));
        };
        let body = body::read(request, self.buffer.largest_body_bytes()).await?;
        let items = count_items(signal, &body).map_err(|error| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                format!("the body is no OTLP request: {error}"),
            )
        })?;
        match signal {
            Signal::Traces => match self.buffer.accept(body, items) {
                Accepted::Yes => Ok(Answer::Accepted),
                Accepted::Full => Err(Refusal::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "the buffer (`BATON_BUFFER_BYTES`) is full: send it again later",
                )),
            },
            Signal::Logs => Ok(reject(
                &self.rejected.log_records,
                items,
                "logs are not taken yet: they come with a later version of the layer",
            )),
            Signal::Metrics => Ok(reject(
                &self.rejected.data_points,
                items,
                "metrics are not taken yet: they come with a later version of the layer",
            )),
        }
    }
}

/// Serves OTLP/HTTP on `listener` for as long as the process lives.
pub(crate) async fn serve(listener: TcpListener, receiver: Arc<Receiver>) {
    let router = Router::new().fallback(handle).with_state(receiver);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!("the OTLP listener stopped: {error}");
    }
}

async fn handle(State(receiver): State<Arc<Receiver>>, request: Request) -> Response {
    receiver
        .answer(request)
        .await
        .unwrap_or_else(|refusal| {
            tracing::debug!(
                status = refusal.status.as_u16(),
                "request refused: {}",
                refusal.message
            );
            Answer::Refused(refusal)
        })
        .into_response()
}

fn signal(path: &str) -> Result<Signal, Refusal> {
    match path {
        "/v1/traces" => Ok(Signal::Traces),
        "/v1/logs" => Ok(Signal::Logs),
        "/v1/metrics" => Ok(Signal::Metrics),
        other => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            format!("path `{other}`: expected `/v1/traces`"),
        )),
    }
}

fn reject(counter: &AtomicU64, items: u64, why: &'static str) -> Answer {
    if counter.fetch_add(items, Ordering::Relaxed) == 0 && items > 0 {
        tracing::warn!("{why}; they are counted and dropped");
    }
    Answer::Rejected { items, why }
}
