//! A Lambda Runtime API that hands out a list of events and writes down what it is told.

use std::{
    collections::VecDeque,
    future::pending,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http_body_util::BodyExt;
use tokio::{net::TcpListener, sync::Notify};

const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:shop:live";

/// One event, and the X-Ray header that Lambda sends with it.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) body: String,
    pub(crate) trace_id: Option<&'static str>,
    /// What else the answer has for headers: those of Baton's extension.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

/// Something the function told us.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    Next,
    Response(String),
    Error(String),
    /// Not of Lambda: the function's flush sends its spans here, so that their place in the order shows.
    Spans(String),
}

#[derive(Default)]
struct Api {
    events: Mutex<VecDeque<Event>>,
    calls: Mutex<Vec<Call>>,
    /// Of each result: its path and headers, and the trailers of its body.
    heads: Mutex<Vec<String>>,
    drained: Notify,
}

/// Runs an ignored test of this binary as the function, gives it the events, and returns every call it made.
pub(crate) async fn invoke(program: &str, events: &[Event]) -> Vec<Call> {
    invoke_watched(program, events).await.0
}

/// The same, with all that stands around each result.
pub(crate) async fn invoke_watched(program: &str, events: &[Event]) -> (Vec<Call>, Vec<String>) {
    let api = Arc::new(Api {
        events: Mutex::new(events.iter().cloned().collect()),
        ..Api::default()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/spans", post(spans))
        .with_state(Arc::clone(&api));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let _function = Function::start(program, &address);
    let drained = tokio::time::timeout(Duration::from_secs(60), api.drained.notified()).await;
    server.abort();
    let calls = api.calls.lock().unwrap().clone();
    assert!(drained.is_ok(), "the function stopped calling: {calls:#?}");
    let heads = api.heads.lock().unwrap().clone();
    (calls, heads)
}

/// The process ends with the test.
struct Function(Child);

impl Function {
    fn start(program: &str, address: &str) -> Self {
        let function = Command::new(std::env::current_exe().unwrap())
            .args([program, "--exact", "--ignored"])
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "shop")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "7")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(function.unwrap())
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Api {
    fn called(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
    }

    /// Writes down what stands around a result, and returns its body.
    async fn result(&self, request: Request) -> String {
        let (mut head, body) = request.into_parts();
        // The address of this server.
        head.headers.remove("host");
        let body = body.collect().await.unwrap();
        let head = format!("{} {:?} {:?}", head.uri, head.headers, body.trailers());
        self.heads.lock().unwrap().push(head);
        String::from_utf8(body.to_bytes().into()).unwrap()
    }
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    api.called(Call::Next);
    let event = api.events.lock().unwrap().pop_front();
    let Some(event) = event else {
        api.drained.notify_one();
        return pending().await;
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "request-1"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", FUNCTION_ARN),
        ("content-type", "application/json"),
    ];
    let mut response = (headers, event.body).into_response();
    let trace_id = event.trace_id.map(|id| ("lambda-runtime-trace-id", id));
    for (name, value) in trace_id.into_iter().chain(event.headers) {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn response(State(api): State<Arc<Api>>, request: Request) -> StatusCode {
    let body = api.result(request).await;
    api.called(Call::Response(body));
    StatusCode::ACCEPTED
}

async fn error(State(api): State<Arc<Api>>, request: Request) -> StatusCode {
    let body = api.result(request).await;
    api.called(Call::Error(body));
    StatusCode::ACCEPTED
}

async fn spans(State(api): State<Arc<Api>>, body: String) -> StatusCode {
    api.called(Call::Spans(body));
    StatusCode::OK
}
