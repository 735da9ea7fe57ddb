//! A function that fails keeps its whole batch: nothing is deleted, every message comes back after its visibility timeout.

use std::time::Duration;

use local_lambda::{Config, LocalLambda, SqsMapping};
use serde_json::json;

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_batch_comes_back_until_the_dead_letter_queue_takes_it() {
    let server = SqsServer::start().await;
    let (queue, dead) = server.queue_with_dead_letters("orders", 3, "2").await;
    server.send(&queue, json!({"do": "raise"})).await;
    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.timeout = Duration::from_secs(2);
    function.sqs = vec![SqsMapping {
        report_batch_item_failures: true,
        ..SqsMapping::new(&queue)
    }];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let letter = server.take(&dead).await;
    assert_eq!(letter.body().unwrap(), json!({"do": "raise"}).to_string());
    lambda.shutdown().await;
    assert_eq!(recording.notes().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_shows_messages_again_too_early_is_refused() {
    let server = SqsServer::start().await;
    let (queue, _) = server.queue_with_dead_letters("orders", 3, "2").await;
    let mut function = Recording::new().function("orders", "record.sqs");
    function.sqs = vec![SqsMapping::new(&queue)];
    let said = LocalLambda::start(Config::new([function]))
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(
        said,
        format!(
            "queue `{queue}` has a visibility timeout of 2 s, expected at least the 30000 ms timeout of function `orders`; \
             raise one or lower the other"
        )
    );
}
