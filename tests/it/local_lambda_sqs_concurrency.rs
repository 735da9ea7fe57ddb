//! A backlog is worked on by several environments at once, but by no more than the mapping allows.

use local_lambda::{Config, LocalLambda, SqsMapping};
use serde_json::json;

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn maximum_concurrency_bounds_the_environments() {
    let server = SqsServer::start().await;
    let queue = server.queue("orders", &[]).await;
    for order in 0..12 {
        server
            .send(&queue, json!({"order": order, "sleep": 0.3}))
            .await;
    }
    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.concurrency = 5;
    function.sqs = vec![SqsMapping {
        batch_size: 1,
        maximum_concurrency: Some(3),
        ..SqsMapping::new(&queue)
    }];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    server.drained(&queue).await;
    // Each invocation that overlaps another one needs an environment of its own.
    let environments = lambda.function("orders").unwrap().environments();
    lambda.shutdown().await;
    let invocations: Vec<_> = environments.iter().map(|e| e.invocations).collect();
    assert_eq!(environments.len(), 3, "{invocations:?}");
    assert_eq!(invocations.iter().sum::<u64>(), 12, "{invocations:?}");
}
