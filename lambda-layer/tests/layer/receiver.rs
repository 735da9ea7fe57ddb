//! The receiver: an OTLP/HTTP server that does as it is told, then well.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::spans::count;

/// One answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Ok,
    Status(u16),
    /// A status with `Retry-After` in seconds.
    Wait(u16, u64),
    /// 200 with so many rejected spans.
    Partial(i64),
    /// 200, and the connection breaks in the middle of the body.
    Break,
    /// Nothing, for ever.
    Hang,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) plain: Vec<u8>,
    /// Whether the answer said that it was taken.
    pub(crate) is_acknowledged: bool,
}

struct Shared {
    script: Mutex<VecDeque<Answer>>,
    received: Mutex<Vec<Received>>,
    arrivals: watch::Sender<usize>,
}

pub(crate) struct Receiver {
    shared: Arc<Shared>,
    pub(crate) address: SocketAddr,
}

impl Receiver {
    pub(crate) async fn start(script: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, script)
    }

    pub(crate) fn on(listener: TcpListener, script: &[Answer]) -> Self {
        let shared = Arc::new(Shared {
            script: Mutex::new(script.iter().copied().collect()),
            received: Mutex::default(),
            arrivals: watch::channel(0).0,
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { shared, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Waits until `count` requests have come.
    pub(crate) async fn arrived(&self, count: usize) {
        let mut arrivals = self.shared.arrivals.subscribe();
        let arrived = arrivals.wait_for(|arrived| *arrived >= count);
        tokio::time::timeout(Duration::from_secs(60), arrived)
            .await
            .expect("requests arrive")
            .unwrap();
    }

    /// The spans of a store that keeps each body once, whatever it answered.
    pub(crate) fn stored_spans(&self) -> u64 {
        let bodies: HashSet<Vec<u8>> = self.received().into_iter().map(|r| r.plain).collect();
        bodies.iter().map(|body| count(body)).sum()
    }

    /// The spans in requests that were acknowledged.
    pub(crate) fn acknowledged_spans(&self) -> u64 {
        let received = self.received();
        let acknowledged = received.iter().filter(|r| r.is_acknowledged);
        acknowledged.map(|r| count(&r.plain)).sum()
    }
}

async fn take(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(wire) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let answer = shared
        .script
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or(Answer::Ok);
    shared.received.lock().unwrap().push(Received {
        path: parts.uri.path().to_owned(),
        plain: plain(&parts.headers, &wire),
        headers: parts.headers,
        is_acknowledged: matches!(answer, Answer::Ok | Answer::Partial(_)),
    });
    shared.arrivals.send_modify(|arrived| *arrived += 1);
    respond(answer).await
}

fn plain(headers: &HeaderMap, wire: &[u8]) -> Vec<u8> {
    if headers.get("content-encoding").is_none() {
        return wire.to_vec();
    }
    let mut plain = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(wire);
    decoder.read_to_end(&mut plain).unwrap();
    plain
}

async fn respond(answer: Answer) -> Response {
    let protobuf = [("content-type", "application/x-protobuf")];
    match answer {
        Answer::Ok => protobuf.into_response(),
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Wait(status, seconds) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [("retry-after", seconds.to_string())]).into_response()
        }
        Answer::Partial(rejected_spans) => {
            let partial_success = Some(ExportTracePartialSuccess {
                rejected_spans,
                error_message: "too old".to_owned(),
            });
            let body = ExportTraceServiceResponse { partial_success }.encode_to_vec();
            (protobuf, body).into_response()
        }
        Answer::Break => {
            let pieces = [
                Ok(Bytes::from_static(b"half")),
                Err(std::io::Error::other("broken on purpose")),
            ];
            Body::from_stream(futures::stream::iter(pieces)).into_response()
        }
        Answer::Hang => std::future::pending::<Result<Response, Infallible>>()
            .await
            .into_response(),
    }
}
