//! A Runtime API with one function: events in, answers out.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// What the function said.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Next,
    Response(Value),
    Error(Value),
    InitError(Value),
}

/// The side of the test.
pub(crate) struct RuntimeApi {
    pub(crate) address: String,
    waiting: Waiting,
    said: mpsc::UnboundedReceiver<Said>,
}

/// The newest call of `/next`: an older one may be of a process that was killed.
type Waiting = Arc<Mutex<Option<oneshot::Sender<Value>>>>;

#[derive(Clone)]
struct Function {
    waiting: Waiting,
    said: mpsc::UnboundedSender<Said>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Self {
        let waiting = Waiting::default();
        let (said_sender, said) = mpsc::unbounded_channel();
        let function = Function {
            waiting: waiting.clone(),
            said: said_sender,
        };
        let prefix = "/2018-06-01/runtime";
        let router = Router::new()
            .route(&format!("{prefix}/invocation/next"), get(next))
            .route(
                &format!("{prefix}/invocation/{{id}}/response"),
                post(async |state, body: Bytes| tell(state, &body, Said::Response)),
            )
            .route(
                &format!("{prefix}/invocation/{{id}}/error"),
                post(async |state, body: Bytes| tell(state, &body, Said::Error)),
            )
            .route(
                &format!("{prefix}/init/error"),
                post(async |state, body: Bytes| tell(state, &body, Said::InitError)),
            )
            .with_state(function);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            waiting,
            said,
        }
    }

    /// Waits until the function asks, and hands it an event; then what it says.
    pub(crate) async fn invoke(&mut self, event: Value) -> Said {
        assert_eq!(self.said().await, Said::Next);
        let waiting = self.waiting.lock().unwrap().take().unwrap();
        waiting.send(event).unwrap();
        self.said().await
    }

    /// What a process that is dead now had asked for.
    pub(crate) fn forget_calls(&mut self) {
        while self.said.try_recv().is_ok() {}
    }

    /// The next thing it says.
    pub(crate) async fn said(&mut self) -> Said {
        self.said.recv().await.unwrap()
    }
}

/// Without a look at the content type: the runtime client sends none.
fn tell(State(function): State<Function>, body: &Bytes, as_what: fn(Value) -> Said) -> Response {
    let _ = function
        .said
        .send(as_what(serde_json::from_slice(body).unwrap()));
    (
        axum::http::StatusCode::ACCEPTED,
        Json(serde_json::json!({"status": "OK"})),
    )
        .into_response()
}

async fn next(State(function): State<Function>) -> Response {
    let (sender, event) = oneshot::channel();
    *function.waiting.lock().unwrap() = Some(sender);
    let _ = function.said.send(Said::Next);
    let Ok(event) = event.await else {
        std::future::pending().await
    };
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "6e1b2d2e-0000-4000-8000-000000000000",
        ),
        ("lambda-runtime-deadline-ms", "9999999999999"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:000000000000:function:ingest",
        ),
    ];
    (headers, Json(event)).into_response()
}
