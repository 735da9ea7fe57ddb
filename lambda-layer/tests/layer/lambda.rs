//! Lambda's side: Extensions API and Telemetry API, as documented.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};

/// A register call as it came.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) name: String,
    pub(crate) events: Value,
    /// Whether the address asked about accepted a connection at that moment.
    pub(crate) is_listening: bool,
}

struct Api {
    events: tokio::sync::Mutex<mpsc::Receiver<Response>>,
    next_calls: watch::Sender<usize>,
    registrations: Mutex<Vec<Registration>>,
    subscriptions: Mutex<Vec<Value>>,
    /// Answers given before the usual ones.
    register_answers: Mutex<VecDeque<StatusCode>>,
    telemetry_answers: Mutex<VecDeque<StatusCode>>,
    listener_to_try: Mutex<Option<SocketAddr>>,
    subscribed: Semaphore,
}

/// A Lambda with one environment.
pub(crate) struct Lambda {
    api: Arc<Api>,
    events: mpsc::Sender<Response>,
    next_calls: watch::Receiver<usize>,
    /// Calls of `/next` that were waited for.
    seen_calls: usize,
    pub(crate) address: SocketAddr,
}

impl Lambda {
    pub(crate) async fn start() -> Self {
        let (events, queue) = mpsc::channel(64);
        let (sender, next_calls) = watch::channel(0);
        let api = Arc::new(Api {
            events: tokio::sync::Mutex::new(queue),
            next_calls: sender,
            registrations: Mutex::default(),
            subscriptions: Mutex::default(),
            register_answers: Mutex::default(),
            telemetry_answers: Mutex::default(),
            listener_to_try: Mutex::default(),
            subscribed: Semaphore::new(0),
        });
        let router = Router::new()
            .route("/2020-01-01/extension/register", post(register))
            .route("/2020-01-01/extension/event/next", get(next))
            .route("/2022-07-01/telemetry", put(subscribe))
            .with_state(Arc::clone(&api));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            api,
            events,
            next_calls,
            seen_calls: 0,
            address,
        }
    }

    pub(crate) fn answer_register(&self, answers: &[u16]) {
        *self.api.register_answers.lock().unwrap() = statuses(answers);
    }

    pub(crate) fn answer_telemetry(&self, answers: &[u16]) {
        *self.api.telemetry_answers.lock().unwrap() = statuses(answers);
    }

    /// At registration, try to connect there.
    pub(crate) fn try_listener(&self, address: SocketAddr) {
        *self.api.listener_to_try.lock().unwrap() = Some(address);
    }

    pub(crate) fn registrations(&self) -> Vec<Registration> {
        self.api.registrations.lock().unwrap().clone()
    }

    pub(crate) fn subscriptions(&self) -> Vec<Value> {
        self.api.subscriptions.lock().unwrap().clone()
    }

    /// Waits for one more call of `/next`.
    pub(crate) async fn next_called(&mut self) {
        let wanted = self.seen_calls + 1;
        let call = self.next_calls.wait_for(|calls| *calls >= wanted);
        tokio::time::timeout(Duration::from_secs(60), call)
            .await
            .expect("the layer calls /next")
            .unwrap();
        self.seen_calls = wanted;
    }

    /// Whether `/next` was called once more than was waited for.
    pub(crate) fn is_next_called(&self) -> bool {
        *self.next_calls.borrow() > self.seen_calls
    }

    pub(crate) async fn invoke(&self, request_id: &str, timeout: Duration) {
        let event = json!({
            "eventType": "INVOKE",
            "deadlineMs": epoch_ms() + u64::try_from(timeout.as_millis()).unwrap(),
            "requestId": request_id,
            "invokedFunctionArn": "arn:aws:lambda:eu-north-1:123456789012:function:f",
        });
        self.answer_next(StatusCode::OK, &event.to_string()).await;
    }

    pub(crate) async fn shutdown(&self) {
        let event = json!({
            "eventType": "SHUTDOWN",
            "shutdownReason": "spindown",
            "deadlineMs": epoch_ms() + 2000,
        });
        self.answer_next(StatusCode::OK, &event.to_string()).await;
    }

    pub(crate) async fn answer_next(&self, status: StatusCode, body: &str) {
        let answer = (status, body.to_owned()).into_response();
        self.events.send(answer).await.unwrap();
    }

    /// Delivers `platform.runtimeDone` where the layer subscribed, among records it has not heard of.
    pub(crate) async fn runtime_done(&self, telemetry: SocketAddr, request_id: &str) {
        self.runtime_ended(telemetry, request_id, "success").await;
    }

    /// The same with a status of `platform.runtimeDone`.
    pub(crate) async fn runtime_ended(
        &self,
        telemetry: SocketAddr,
        request_id: &str,
        status: &str,
    ) {
        let _ = self.api.subscribed.acquire().await.unwrap();
        let batch = json!([
            {"time": "2022-10-21T14:05:03.165Z", "type": "platform.new", "record": [1]},
            {"time": "2022-10-21T14:05:03.165Z", "type": "platform.start", "record": {"requestId": request_id}},
            {"time": "2022-10-21T14:05:05.764Z", "type": "platform.runtimeDone",
             "record": {"requestId": request_id, "status": status, "metrics": {"durationMs": 1.5}}},
        ]);
        let answer = super::layer::client()
            .post(format!("http://{telemetry}/"))
            .body(batch.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
}

fn statuses(answers: &[u16]) -> VecDeque<StatusCode> {
    answers
        .iter()
        .map(|status| StatusCode::from_u16(*status).unwrap())
        .collect()
}

fn epoch_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

async fn register(State(api): State<Arc<Api>>, headers: HeaderMap, body: Bytes) -> Response {
    let listener = *api.listener_to_try.lock().unwrap();
    let is_listening = match listener {
        Some(address) => tokio::net::TcpStream::connect(address).await.is_ok(),
        None => false,
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    api.registrations.lock().unwrap().push(Registration {
        name: headers["Lambda-Extension-Name"]
            .to_str()
            .unwrap()
            .to_owned(),
        events: body["events"].clone(),
        is_listening,
    });
    if let Some(status) = api.register_answers.lock().unwrap().pop_front() {
        let error = r#"{"errorType":"Extension.RegistrationClosed","errorMessage":"no"}"#;
        return (status, error).into_response();
    }
    let id = [("Lambda-Extension-Identifier", "the-id")];
    (
        id,
        r#"{"functionName":"f","functionVersion":"$LATEST","handler":"h"}"#,
    )
        .into_response()
}

async fn next(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    assert_eq!(headers["Lambda-Extension-Identifier"], "the-id");
    api.next_calls.send_modify(|calls| *calls += 1);
    let event = api.events.lock().await.recv().await;
    event.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn subscribe(State(api): State<Arc<Api>>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers["Lambda-Extension-Identifier"], "the-id");
    let subscription = serde_json::from_slice(&body).unwrap();
    api.subscriptions.lock().unwrap().push(subscription);
    let answer = api.telemetry_answers.lock().unwrap().pop_front();
    match answer {
        Some(status) => (status, r#"{"errorType":"ValidationError"}"#).into_response(),
        None => {
            api.subscribed.add_permits(1);
            "OK".into_response()
        }
    }
}
