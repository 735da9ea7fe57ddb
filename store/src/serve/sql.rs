//! `POST /v1/sql`, and `GET /healthz`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use duckdb::Connection;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, oneshot};

use super::access::{Token, has_loopback_host};
use super::question::{Refusal, ask};
use crate::writer::Writer;

/// Then a query is interrupted.
pub(super) const QUERY_TIMEOUT: Duration = Duration::from_secs(30);
/// So many run at once: each has its rows in memory.
const QUERIES_AT_ONCE: usize = 2;
const MAX_QUESTION_BYTES: usize = 1024 * 1024;
/// Whoever takes longer to ask is cut off.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// What the query API knows. Clones share it.
#[derive(Clone)]
pub(super) struct Desk {
    /// Every question gets a connection of its own, made from this one.
    seed: Arc<Mutex<Connection>>,
    places: Arc<Semaphore>,
    token: Token,
    /// Bound to loopback: then the `Host` has to be, too.
    is_loopback: bool,
    writer: Writer,
    timeout: Duration,
}

/// The JSON of the rows.
type Answer = Result<Vec<u8>, Refusal>;

#[derive(Deserialize)]
struct Question {
    sql: String,
    #[serde(default)]
    params: Vec<Value>,
}

impl Desk {
    pub(super) fn new(seed: Connection, token: Token, is_loopback: bool, writer: Writer) -> Self {
        let places = Arc::new(Semaphore::new(QUERIES_AT_ONCE));
        Self {
            seed: Arc::new(Mutex::new(seed)),
            places,
            token,
            is_loopback,
            writer,
            timeout: QUERY_TIMEOUT,
        }
    }

    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/v1/sql", post(sql))
            .route("/healthz", get(healthz))
            .fallback(async || {
                error(
                    StatusCode::NOT_FOUND,
                    "no such path: expected `POST /v1/sql` or `GET /healthz`",
                )
            })
            .with_state(self)
    }

    fn refuse(&self, headers: &HeaderMap) -> Option<Response> {
        if self.is_loopback && !has_loopback_host(headers) {
            let text = "the header `Host` names another machine: expected `localhost` or a loopback address";
            return Some(error(StatusCode::FORBIDDEN, text));
        }
        if !self.token.is_in(headers) {
            let text = "no valid token: expected `Authorization: Bearer TOKEN`; the token stands in `PATH.serve.json`";
            let refusal = error(StatusCode::UNAUTHORIZED, text);
            return Some(([("www-authenticate", "Bearer")], refusal).into_response());
        }
        None
    }

    fn connect(&self) -> duckdb::Result<Connection> {
        self.seed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .try_clone()
    }

    /// Answers, or interrupts the query when it takes too long or nobody waits for it any more.
    async fn answer(self, question: Question, mut reply: oneshot::Sender<Answer>) {
        let Ok(_place) = self.places.acquire().await else {
            return;
        };
        let connection = match self.connect() {
            Ok(connection) => connection,
            Err(error) => return drop(reply.send(Err(error.into()))),
        };
        // Whatever was acknowledged before the question came is in its answer.
        if let Err(error) = self.writer.seal().await {
            return drop(reply.send(Err(error.into())));
        }
        let interrupt = connection.interrupt_handle();
        let live = self.writer.live().clone();
        let mut work = tokio::task::spawn_blocking(move || {
            let rows = ask(&connection, &live, &question.sql, &question.params)?;
            Ok(serde_json::to_vec(&rows)?)
        });
        tokio::select! {
            Ok(answer) = &mut work => return drop(reply.send(answer)),
            () = reply.closed() => {}
            () = tokio::time::sleep(self.timeout) => {}
        }
        // An interrupt between two steps of DuckDB is lost, so until it is heard.
        while !work.is_finished() {
            interrupt.interrupt();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(reply.send(Err(Refusal::TooSlow(self.timeout.as_secs()))));
    }
}

async fn sql(State(desk): State<Desk>, request: Request) -> Response {
    // Nothing is read from somebody who may not ask.
    if let Some(refusal) = desk.refuse(request.headers()) {
        return refusal;
    }
    let question = match question(request.into_body()).await {
        Ok(question) => question,
        Err((status, text)) => return error(status, &text),
    };
    let (reply, answer) = oneshot::channel();
    tokio::spawn(desk.answer(question, reply));
    match answer.await {
        Ok(Ok(json)) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
        Ok(Err(refusal)) => error(StatusCode::BAD_REQUEST, &refusal.to_string()),
        Err(_) => error(
            StatusCode::SERVICE_UNAVAILABLE,
            "the query was stopped: try again later",
        ),
    }
}

async fn question(body: Body) -> Result<Question, (StatusCode, String)> {
    let body = to_bytes(body, MAX_QUESTION_BYTES);
    let Ok(body) = tokio::time::timeout(BODY_TIMEOUT, body).await else {
        let text = format!("the body did not arrive within {BODY_TIMEOUT:?}");
        return Err((StatusCode::REQUEST_TIMEOUT, text));
    };
    let body = body.map_err(|reason| {
        let text = format!(
            "the body did not arrive, or is larger than {MAX_QUESTION_BYTES} bytes: {reason}"
        );
        (StatusCode::PAYLOAD_TOO_LARGE, text)
    })?;
    serde_json::from_slice(&body).map_err(|reason| {
        let text = format!(
            "the body is no question: {reason}; expected {{\"sql\": \"SELECT …\", \"params\": []}}"
        );
        (StatusCode::BAD_REQUEST, text)
    })
}

async fn healthz(State(desk): State<Desk>) -> Response {
    if desk.writer.is_running() {
        return Json(json!({"status": "ok"})).into_response();
    }
    error(
        StatusCode::SERVICE_UNAVAILABLE,
        "the store takes no more spans, it is being closed",
    )
}

fn error(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"error": text}))).into_response()
}
