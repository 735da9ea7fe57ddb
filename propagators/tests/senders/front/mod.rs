//! A front on loopback that does what AWS documents and no server here does: it hands `X-Amzn-Trace-Id` on, and refuses what is
//! too large. Behind it stands a real server, or nobody: then it says yes itself.

mod answers;
mod rules;
mod sizes;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::server::client;
use answers::{accept, refuse};
pub(crate) use rules::Limits;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) struct Front {
    pub(crate) endpoint: String,
    pub(crate) requests: Arc<Mutex<Vec<Request>>>,
}

/// What a front knows.
#[derive(Clone)]
struct Behind {
    upstream: Option<String>,
    limits: Limits,
    requests: Arc<Mutex<Vec<Request>>>,
    /// The inputs of executions, by their names.
    executions: Arc<Mutex<HashMap<String, Value>>>,
}

impl Front {
    pub(crate) async fn start(upstream: Option<&str>, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let behind = Behind {
            upstream: upstream.map(str::to_owned),
            limits,
            requests: Arc::clone(&requests),
            executions: Arc::default(),
        };
        let router = Router::new()
            .fallback(serve)
            .layer(DefaultBodyLimit::disable())
            .with_state(behind);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, requests }
    }

    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

async fn serve(
    State(behind): State<Behind>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut request = Request { uri, headers, body };
    behind.requests.lock().unwrap().push(request.clone());
    if let Some(refusal) =
        rules::check(&request, &behind.limits).or_else(|| behind.repeated(&request))
    {
        return refuse(&request, &refusal);
    }
    let Some(upstream) = &behind.upstream else {
        return accept(&request);
    };
    request.hand_on_header();
    let sent = client().request(method, format!("{upstream}{}", request.uri));
    let answer = sent
        .headers(request.headers_without_length())
        .body(request.body)
        .send()
        .await
        .unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = (status, answer.bytes().await.unwrap()).into_response();
    for (name, value) in &headers {
        if name != "transfer-encoding" && name != "content-length" {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

impl Behind {
    /// A standard execution is started once for a name:
    /// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
    fn repeated(&self, request: &Request) -> Option<(StatusCode, &'static str)> {
        if request.operation() != "StartExecution" {
            return None;
        }
        let body = request.json();
        let name = body["name"].as_str()?.to_owned();
        let mut executions = self.executions.lock().unwrap();
        let first = executions
            .entry(name)
            .or_insert_with(|| body["input"].clone());
        (*first != body["input"]).then_some((StatusCode::BAD_REQUEST, "ExecutionAlreadyExists"))
    }
}

impl Request {
    /// `SendMessage`; of a form its action, of a path the last part.
    pub(crate) fn operation(&self) -> String {
        if let Some(target) = self.header("x-amz-target") {
            return target.rsplit('.').next().unwrap().to_owned();
        }
        match self.form().get("Action") {
            Some(action) => action.clone(),
            None => self.uri.path().rsplit('/').next().unwrap().to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn form(&self) -> HashMap<String, String> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    fn headers_without_length(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        headers.remove("content-length");
        headers
    }

    /// "Amazon SQS … X-Ray trace header … HTTP header or the AWSTraceHeader system attribute", which wins:
    /// <https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html>
    fn hand_on_header(&mut self) {
        let Some(header) = self.header("x-amzn-trace-id").map(str::to_owned) else {
            return;
        };
        let mut body = self.json();
        match self.operation().as_str() {
            "SendMessage" => hand_on(&mut body, &header),
            "SendMessageBatch" => {
                let entries = body["Entries"].as_array_mut().unwrap();
                entries.iter_mut().for_each(|entry| hand_on(entry, &header));
            }
            _ => return,
        }
        self.body = body.to_string().into();
    }
}

fn hand_on(message: &mut Value, header: &str) {
    if message["MessageSystemAttributes"]["AWSTraceHeader"].is_null() {
        message["MessageSystemAttributes"] =
            json!({"AWSTraceHeader": {"DataType": "String", "StringValue": header}});
    }
}
