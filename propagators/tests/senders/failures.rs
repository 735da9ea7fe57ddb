//! What the SDK returns passes unchanged, and the span says that it failed.

use aws_sdk_sqs::error::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use opentelemetry::trace::Status;
use tokio::net::TcpListener;

use crate::clients::{Tracing, attribute, client};

/// A service that answers the same to everything.
async fn server(status: u16, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answer = async move || -> Response {
        let status = StatusCode::from_u16(status).unwrap();
        (status, [("x-amzn-requestid", "request-1")], body).into_response()
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    endpoint
}

async fn nobody() -> String {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", closed.local_addr().unwrap())
}

/// The kind of error, its code and its text.
fn seen<E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    error: &SdkError<E, R>,
) -> String {
    let kind = match error {
        SdkError::ServiceError(_) => "service",
        SdkError::DispatchFailure(_) => "dispatch",
        SdkError::ResponseError(_) => "response",
        SdkError::TimeoutError(_) => "timeout",
        _ => "other",
    };
    let meta = error
        .as_service_error()
        .map(|error| (error.code(), error.message()));
    format!("{kind} {meta:?}")
}

macro_rules! same_failure {
    ($sdk:ident, $endpoint:expr, $error_type:expr, |$client:ident| $send:expr) => {{
        let tracing = Tracing::new();
        let $client = client!($sdk, &$endpoint);
        let plain = seen(&$send.send().await.unwrap_err());
        let $client = client!($sdk, &$endpoint, tracing.with_payloads());
        let traced = seen(&$send.send().await.unwrap_err());
        assert_eq!(traced, plain);
        let spans = tracing.take();
        assert_eq!(spans.len(), 1);
        assert!(
            matches!(spans[0].status, Status::Error { .. }),
            "{:?}",
            spans[0].status
        );
        assert_eq!(
            attribute(&spans[0], "error.type"),
            $error_type,
            "{:?}",
            spans[0].status
        );
        spans
    }};
}

const EXPIRED: &str = r#"{"__type": "com.amazon.coral.service#ExpiredTokenException", "message": "the token is expired"}"#;
const GONE: &str =
    r#"{"__type": "com.amazonaws#ResourceNotFoundException", "message": "no such thing"}"#;

#[tokio::test]
async fn credentials_that_expired() {
    let endpoint = server(400, EXPIRED).await;
    let spans = same_failure!(aws_sdk_sqs, endpoint, "ExpiredTokenException", |client| {
        client.send_message().queue_url("q").message_body("x")
    });
    assert_eq!(spans[0].status, Status::error("the token is expired"));
    assert_eq!(attribute(&spans[0], "aws.request_id"), "request-1");
    same_failure!(
        aws_sdk_kinesis,
        endpoint,
        "ExpiredTokenException",
        |client| {
            let data = aws_sdk_kinesis::primitives::Blob::new("{}");
            client
                .put_record()
                .stream_name("orders")
                .partition_key("key")
                .data(data)
        }
    );
}

#[tokio::test]
async fn a_thing_that_is_gone() {
    let endpoint = server(400, GONE).await;
    let code = "ResourceNotFoundException";
    same_failure!(aws_sdk_eventbridge, endpoint, code, |client| client
        .put_events());
    same_failure!(aws_sdk_dynamodb, endpoint, code, |client| client
        .put_item()
        .table_name("orders"));
    same_failure!(aws_sdk_sfn, endpoint, code, |client| client
        .start_execution()
        .state_machine_arn("arn"));
    same_failure!(aws_sdk_firehose, endpoint, code, |client| {
        let data = aws_sdk_firehose::primitives::Blob::new("{}");
        let record = aws_sdk_firehose::types::Record::builder()
            .data(data)
            .build()
            .unwrap();
        client
            .put_record()
            .delivery_stream_name("orders")
            .record(record)
    });
    let xml = "<ErrorResponse><Error><Code>NotFound</Code><Message>no such topic</Message></Error></ErrorResponse>";
    let endpoint = server(404, xml).await;
    same_failure!(aws_sdk_sns, endpoint, "NotFound", |client| client
        .publish()
        .topic_arn("arn")
        .message("x"));
}

#[tokio::test]
async fn nobody_listens() {
    let endpoint = nobody().await;
    same_failure!(aws_sdk_sns, endpoint, "connection", |client| client
        .publish()
        .topic_arn("arn")
        .message("x"));
    same_failure!(aws_sdk_lambda, endpoint, "connection", |client| client
        .invoke()
        .function_name("orders"));
    same_failure!(aws_sdk_sqs, endpoint, "connection", |client| {
        client.send_message().queue_url("q").message_body("x")
    });
}

#[tokio::test]
async fn an_answer_that_nobody_can_read() {
    let endpoint = server(200, "<html>").await;
    same_failure!(aws_sdk_sqs, endpoint, "_OTHER", |client| {
        client.send_message().queue_url("q").message_body("x")
    });
}

#[tokio::test]
async fn no_credentials() {
    let tracing = Tracing::new();
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .endpoint_url(nobody().await)
        .interceptor(tracing.interceptor());
    let client = aws_sdk_sqs::Client::from_conf(config.build());
    let send = client.send_message().queue_url("q").message_body("x");
    send.send().await.unwrap_err();
    let span = tracing.take().remove(0);
    assert_eq!(attribute(&span, "error.type"), "_OTHER");
    assert!(
        matches!(&span.status, Status::Error { description } if description.contains("Identity")),
        "{:?}",
        span.status
    );
}

/// The caller gives up: its span ends with it.
#[tokio::test]
async fn a_send_that_is_dropped() {
    let tracing = Tracing::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let client = client!(aws_sdk_sqs, &endpoint, tracing.interceptor());
    tokio::select! {
        _ = client.send_message().queue_url("q").message_body("x").send() => unreachable!("nobody answers"),
        accepted = listener.accept() => drop(accepted.unwrap()),
    }
    assert_eq!(tracing.take().len(), 1);
}
