//! As much of Lambda as an extension and a runtime need, and the receiver of its spans.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// One SQS message, about a kilobyte, with a context.
const EVENT: &str = include_str!("event.json");
const REQUEST_ID: &str = "b9c7c9b4-6d7f-4d0b-9d0e-3f3f1f0c9d11";

pub(super) struct Lambda {
    pub(super) address: SocketAddr,
    next_calls: Mutex<mpsc::Receiver<()>>,
    events: mpsc::Sender<String>,
    client: reqwest::Client,
}

struct Api {
    next_calls: mpsc::Sender<()>,
    events: Mutex<mpsc::Receiver<String>>,
}

impl Lambda {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (next_calls, calls) = mpsc::channel(16);
        let (events, queue) = mpsc::channel(16);
        let api = Arc::new(Api {
            next_calls,
            events: Mutex::new(queue),
        });
        let router = Router::new()
            .route("/2020-01-01/extension/register", post(register))
            .route("/2020-01-01/extension/event/next", get(event))
            .route("/2022-07-01/telemetry", put(async || "OK"))
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(taken))
            .route("/v1/traces", post(async || ()))
            .with_state(api);
        let listener = axum::serve::ListenerExt::tap_io(listener, |connection| {
            let _ = connection.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            next_calls: Mutex::new(calls),
            events,
            client: reqwest::Client::new(),
        })
    }

    /// Where spans go.
    pub(super) fn receiver(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) async fn next_called(&self) {
        self.next_calls.lock().await.recv().await;
    }

    /// What Lambda tells an extension of an invocation, and the extension's flush after it.
    pub(super) async fn invocation_done(&self, telemetry: SocketAddr) -> Result<()> {
        let event = format!(
            r#"{{"eventType":"INVOKE","deadlineMs":4102444800000,"requestId":"{REQUEST_ID}"}}"#
        );
        self.events.send(event).await?;
        let records = format!(
            r#"[{{"time":"2026-11-22T14:05:05.764Z","type":"platform.runtimeDone","record":{{"requestId":"{REQUEST_ID}","status":"success","metrics":{{"durationMs":1.5}}}}}},
            {{"time":"2026-11-22T14:05:05.766Z","type":"platform.report","record":{{"requestId":"{REQUEST_ID}","status":"success","metrics":{{"durationMs":1.5,"billedDurationMs":2,"memorySizeMB":128,"maxMemoryUsedMB":94}}}}}}]"#
        );
        let url = format!("http://{telemetry}/");
        let answer = self.client.post(url).body(records).send().await?;
        ensure!(answer.status() == StatusCode::OK, "telemetry was refused");
        self.next_called().await;
        Ok(())
    }
}

async fn register() -> Response {
    let body = r#"{"functionName":"bench","functionVersion":"$LATEST","handler":"handler"}"#;
    ([("Lambda-Extension-Identifier", REQUEST_ID)], body).into_response()
}

async fn event(State(api): State<Arc<Api>>) -> Response {
    // The receiver waits for each call.
    let _ = api.next_calls.send(()).await;
    match api.events.lock().await.recv().await {
        Some(event) => event.into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn next() -> Response {
    let headers = [
        ("Content-Type", "application/json"),
        ("Lambda-Runtime-Aws-Request-Id", REQUEST_ID),
        ("Lambda-Runtime-Deadline-Ms", "4102444800000"),
        (
            "Lambda-Runtime-Invoked-Function-Arn",
            "arn:aws:lambda:eu-north-1:123456789012:function:bench",
        ),
        (
            "Lambda-Runtime-Trace-Id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
        ),
    ];
    (headers, EVENT).into_response()
}

async fn taken() -> Response {
    (StatusCode::ACCEPTED, r#"{"status":"OK"}"#).into_response()
}
