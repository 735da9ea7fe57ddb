//! What SQS documents about `X-Amzn-Trace-Id` and no server for tests does, in front of such a server.
//!
//! - The header of `SendMessage` and `SendMessageBatch` becomes `AWSTraceHeader` of every message of the request, and one that a message
//!   carries itself wins: <https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html>.
//! - Each message of a batch keeps its own `AWSTraceHeader`, which the servers forget: a batch is sent message by message.
//!
//! Everything else passes through unchanged.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::http::client;
use super::sqs_server::SqsServer;

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// A listening front; it ends with this value.
#[derive(Debug)]
pub(crate) struct SqsFront {
    address: SocketAddr,
    behind: String,
    task: AbortHandle,
}

#[derive(Debug, Clone)]
struct Upstream {
    endpoint: String,
    client: reqwest::Client,
}

// === impl SqsFront ===

impl SqsFront {
    pub(crate) async fn start(server: &SqsServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Upstream {
            endpoint: server.endpoint().to_owned(),
            client: client(),
        };
        let router = Router::new()
            .fallback(serve)
            .layer(DefaultBodyLimit::disable())
            .with_state(upstream);
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self {
            address,
            behind: server.endpoint().to_owned(),
            task: task.abort_handle(),
        }
    }

    /// For `AWS_ENDPOINT_URL_SQS`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL of a queue as it is called here: AWS's client for Node sends to the host of the URL.
    pub(crate) fn queue(&self, url: &str) -> String {
        url.replace(&self.behind, &self.endpoint())
    }
}

impl Drop for SqsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    State(upstream): State<Upstream>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let operation = text(&TARGET).and_then(|it| it.rsplit('.').next());
    let (operation, trace) = (operation.unwrap_or_default(), text(&TRACE));
    match (operation, serde_json::from_slice::<Value>(&body)) {
        ("SendMessage", Ok(mut message)) => {
            stamp(&mut message, trace);
            let body = Bytes::from(message.to_string());
            upstream.forward(method, &uri, headers, body).await
        }
        ("SendMessageBatch", Ok(batch)) => {
            let sent = upstream.send_each(&uri, &headers, &batch).await;
            Response::builder()
                .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
                .body(Body::from(sent.to_string()))
                .unwrap()
        }
        _ => upstream.forward(method, &uri, headers, body).await,
    }
}

/// Gives a message the header of its request, unless it has one of its own.
fn stamp(message: &mut Value, trace: Option<&str>) {
    let Some(trace) = trace else {
        return;
    };
    let attributes = &mut message["MessageSystemAttributes"];
    if attributes["AWSTraceHeader"].is_null() {
        attributes["AWSTraceHeader"] = json!({"DataType": "String", "StringValue": trace});
    }
}

// === impl Upstream ===

impl Upstream {
    async fn forward(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let answer = self.call(method, uri, headers, body).await;
        let mut response = Response::builder().status(answer.status());
        if let Some(of) = answer.headers().get(header::CONTENT_TYPE) {
            response = response.header(header::CONTENT_TYPE, of);
        }
        let body = answer.bytes().await.unwrap();
        response.body(Body::from(body)).unwrap()
    }

    async fn call(
        &self,
        method: Method,
        uri: &Uri,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> reqwest::Response {
        for own in [
            header::HOST,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
        ] {
            headers.remove(own);
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = self
            .client
            .request(method, format!("{}{path}", self.endpoint));
        request.headers(headers).body(body).send().await.unwrap()
    }

    /// Sends the messages of a batch one by one, and answers as for the batch.
    async fn send_each(&self, uri: &Uri, headers: &HeaderMap, batch: &Value) -> Value {
        let trace = headers.get(TRACE).and_then(|value| value.to_str().ok());
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in batch["Entries"].as_array().into_iter().flatten() {
            let mut message = entry.clone();
            let id = message
                .as_object_mut()
                .and_then(|fields| fields.remove("Id"));
            message["QueueUrl"] = batch["QueueUrl"].clone();
            stamp(&mut message, trace);
            let mut headers = headers.clone();
            headers.insert(TARGET, "AmazonSQS.SendMessage".parse().unwrap());
            let body = Bytes::from(message.to_string());
            let answer = self.call(Method::POST, uri, headers, body).await;
            let good = answer.status().is_success();
            let mut said: Value = answer.json().await.unwrap();
            said["Id"] = id.unwrap_or_default();
            if good {
                successful.push(said);
            } else {
                let code = said["__type"].clone();
                failed.push(json!({"Id": said["Id"], "Code": code, "SenderFault": true, "Message": said["message"]}));
            }
        }
        json!({"Successful": successful, "Failed": failed})
    }
}
