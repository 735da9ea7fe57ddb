//! `aws-lambda-ric`, the Node runtime client that AWS wrote, runs handlers under local-lambda, buffered and streaming.

use local_lambda::{Config, FaultKind, FunctionConfig, InvokeRequest, LocalLambda};
use serde_json::{Value, json};

use crate::harness::http;
use crate::harness::interpreters::{functions, node_client};
use crate::harness::recording::Recording;

fn function(recording: &Recording, handler: &str) -> FunctionConfig {
    let mut function = recording.function("node", handler);
    function.command = vec![node_client().display().to_string(), handler.to_owned()];
    function.task_root = Some(functions());
    function
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the Node runtime client: cargo xtask test --all"]
async fn a_node_handler_answers_and_fails() {
    let recording = Recording::new();
    let lambda = LocalLambda::start(Config::new([function(&recording, "record.echo")]))
        .await
        .unwrap();
    let node = lambda.function("node").unwrap();
    let output = node
        .invoke(InvokeRequest::new(r#"{"order":7}"#))
        .await
        .unwrap();
    assert_eq!(output.function_error, None, "{}", output.log_tail);
    let seen: Value = serde_json::from_slice(&output.payload).unwrap();
    assert_eq!(seen["event"], json!({"order": 7}));
    assert_eq!(seen["request_id"], output.request_id.to_string());
    assert_eq!(
        seen["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:node"
    );
    assert!(
        seen["trace"].as_str().unwrap().starts_with("Root=1-"),
        "{seen}"
    );

    let failed = node
        .invoke(InvokeRequest::new(r#"{"raise":"too many"}"#))
        .await
        .unwrap();
    assert_eq!(failed.function_error.unwrap().kind, FaultKind::Error);
    let error: Value = serde_json::from_slice(&failed.payload).unwrap();
    assert_eq!(
        (&error["errorType"], &error["errorMessage"]),
        (&json!("RangeError"), &json!("too many"))
    );
    lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the Node runtime client: cargo xtask test --all"]
async fn a_streamed_answer_arrives_over_the_function_url() {
    let recording = Recording::new();
    let mut config = function(&recording, "record.stream");
    config.function_url = true;
    let lambda = LocalLambda::start(Config::new([config])).await.unwrap();
    let response = http::get(&lambda.function_url("node").unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-streamed"], "yes");
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(response.headers()["set-cookie"], "a=1");
    assert_eq!(response.text().await.unwrap(), "first second");
    lambda.shutdown().await;
}
