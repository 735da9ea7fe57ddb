//! An SQS that answers from a list and keeps the requests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig},
    types::{MessageAttributeValue, SendMessageBatchRequestEntry},
};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use baton_propagators::sqs::TraceInterceptor;
use expect_test::Expect;
use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt, TraceState, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::described::describe;

/// A queue and two clients of it.
pub(crate) struct Queue {
    pub(crate) requests: Arc<Mutex<Vec<Value>>>,
    pub(crate) interceptor: TraceInterceptor,
    pub(crate) exporter: InMemorySpanExporter,
    pub(crate) client: Client,
    /// The same, without us.
    pub(crate) plain: Client,
}

type Answers = Arc<Mutex<VecDeque<(u16, String)>>>;

impl Queue {
    pub(crate) async fn new(answers: &[(u16, &str)]) -> Self {
        let answers: Answers = Arc::new(Mutex::new(
            answers
                .iter()
                .map(|(status, body)| (*status, (*body).to_owned()))
                .collect(),
        ));
        let requests = Arc::<Mutex<Vec<Value>>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(answer)
            .with_state((Arc::clone(&requests), answers));
        tokio::spawn(async move { axum::serve(listener, router).await });

        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let interceptor = TraceInterceptor::new(provider.tracer("shop"));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .region(Region::new("us-east-1"))
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::ZERO))
            .endpoint_url(endpoint);
        Self {
            requests,
            exporter,
            client: Client::from_conf(config.clone().interceptor(interceptor.clone()).build()),
            interceptor,
            plain: Client::from_conf(config.build()),
        }
    }

    /// The context that was injected becomes `INJECTED`: its span id is new each time.
    #[track_caller]
    pub(crate) fn check(&self, expected: &Expect) {
        let spans = self.exporter.get_finished_spans().unwrap();
        let mut text = describe(&spans);
        for request in self.requests.lock().unwrap().iter() {
            text.push_str(&request.to_string());
            text.push('\n');
        }
        // The port is new each time.
        text = text
            .lines()
            .filter(|line| !line.contains("server."))
            .map(|line| format!("{line}\n"))
            .collect();
        for span in spans {
            let id = span.span_context.span_id().to_string();
            text = text.replace(&id, "SPAN");
        }
        expected.assert_eq(&text);
    }
}

async fn answer(
    State((requests, answers)): State<(Arc<Mutex<Vec<Value>>>, Answers)>,
    body: String,
) -> Response {
    requests
        .lock()
        .unwrap()
        .push(serde_json::from_str(&body).unwrap());
    let (status, body) = answers.lock().unwrap().pop_front().unwrap();
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    // SQS names its errors by their old names here; the SDK goes by these.
    if status == 400 {
        let name = "AWS.SimpleQueueService.NonExistentQueue;Sender";
        response
            .headers_mut()
            .insert("x-amzn-query-error", name.parse().unwrap());
    }
    response
}

/// Runs a send under a span of the caller.
pub(crate) fn caller() -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap(),
        SpanId::from_hex("00f067aa0ba902b7").unwrap(),
        TraceFlags::SAMPLED,
        false,
        TraceState::from_key_value([("dd", "s:1")]).unwrap(),
    ))
}

pub(crate) fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap()
}

pub(crate) fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder()
        .id(id)
        .message_body(body)
        .build()
        .unwrap()
}
