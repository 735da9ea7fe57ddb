//! The SQS mapping against a server that fails on demand. How it works with a real one, the workspace's end-to-end tests show.

use std::time::Duration;

use local_lambda::{Config, FunctionConfig, LocalLambda, SqsMapping};
use tokio::net::TcpListener;

use crate::bed::{eventually, python};
use crate::fake_sqs::{Delete, FakeSqs};

fn config(queue_url: &str, batch_size: u32, window: Duration) -> Config {
    let command = [python(), "-c", include_str!("runtime.py")];
    let mut function = FunctionConfig::new("f", command);
    function.timeout = Duration::from_secs(2);
    function.sqs = vec![SqsMapping {
        batch_size,
        window,
        ..SqsMapping::new(queue_url)
    }];
    Config::new([function])
}

#[tokio::test]
async fn a_message_is_not_collected_twice_in_a_long_window() {
    let server = FakeSqs::start(1, &[]).await;
    let window = Duration::from_secs(5);
    let lambda = LocalLambda::start(config(&server.url, 5, window))
        .await
        .unwrap();
    eventually(|| server.is_empty()).await;
    lambda.shutdown().await;
    assert_eq!(server.deleted(), [1], "its visibility timeout is 2 s");
    assert_eq!(server.delete_calls(), [1]);
}

#[tokio::test]
async fn what_could_not_be_deleted_is_deleted_again() {
    let deletes = [Delete::FailsAt(3), Delete::Ok, Delete::Status(400)];
    let server = FakeSqs::start(12, &deletes).await;
    let window = Duration::from_secs(1);
    let lambda = LocalLambda::start(config(&server.url, 12, window))
        .await
        .unwrap();
    eventually(|| server.is_empty()).await;
    lambda.shutdown().await;
    assert_eq!(
        server.delete_calls(),
        [10, 1, 2, 2],
        "ten at most, then what is left"
    );
    assert_eq!(server.deleted(), [1; 12], "none was delivered twice");
}

#[tokio::test]
async fn a_server_that_never_answers_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/000000000000/q", listener.local_addr().unwrap());
    let started = LocalLambda::start(config(&url, 1, Duration::ZERO));
    let said = tokio::time::timeout(Duration::from_secs(60), started)
        .await
        .expect("it gives up")
        .unwrap_err()
        .to_string();
    assert!(
        said.starts_with(&format!("queue `{url}` cannot be reached"))
            && said.contains("no answer within 5 s"),
        "{said}"
    );
}
