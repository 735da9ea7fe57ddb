//! A batching window collects what several receives bring into one invocation.

use std::time::Duration;

use local_lambda::{Config, LocalLambda, SqsMapping};
use serde_json::json;

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_batch_does_not_wait_and_the_rest_waits_for_the_window() {
    let server = SqsServer::start().await;
    let queue = server.queue("orders", &[]).await;
    for order in 0..32 {
        server.send(&queue, json!({"order": order})).await;
    }
    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    let window = Duration::from_secs(2);
    function.sqs = vec![SqsMapping {
        batch_size: 25,
        window,
        ..SqsMapping::new(&queue)
    }];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    recording.wait_for(2).await;
    server.drained(&queue).await;
    lambda.shutdown().await;
    let mut sizes: Vec<usize> = recording
        .notes()
        .iter()
        .map(|note| note["event"]["Records"].as_array().unwrap().len())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [7, 25]);
}
