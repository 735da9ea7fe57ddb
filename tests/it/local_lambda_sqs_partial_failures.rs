//! `ReportBatchItemFailures`: what a function reports comes back and in the end moves to the dead-letter queue; the rest
//! of its batch is deleted.

use std::collections::BTreeMap;

use local_lambda::{Config, LocalLambda, SqsMapping};
use serde_json::{Value, json};

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn reported_messages_come_back_and_move_to_the_dead_letter_queue() {
    let server = SqsServer::start().await;
    let (queue, dead) = server.queue_with_dead_letters("orders", 2, "2").await;
    for order in 0..9 {
        server.send(&queue, json!({"order": order})).await;
    }
    server.send(&queue, json!({"order": 9, "do": "fail"})).await;

    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.timeout = std::time::Duration::from_secs(2);
    function.sqs = vec![SqsMapping {
        report_batch_item_failures: true,
        ..SqsMapping::new(&queue)
    }];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();

    let letter = server.take(&dead).await;
    assert_eq!(
        letter.body().unwrap(),
        json!({"order": 9, "do": "fail"}).to_string()
    );
    server.drained(&queue).await;
    lambda.shutdown().await;

    let mut tries: BTreeMap<u64, u32> = BTreeMap::new();
    for note in recording.notes() {
        for record in note["event"]["Records"].as_array().unwrap() {
            let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            let tries = tries.entry(body["order"].as_u64().unwrap()).or_default();
            *tries += 1;
            assert_eq!(
                record["attributes"]["ApproximateReceiveCount"],
                tries.to_string()
            );
        }
    }
    let expected: BTreeMap<u64, u32> = (0..9).map(|order| (order, 1)).chain([(9, 2)]).collect();
    assert_eq!(tries, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_the_answer_is_ignored() {
    let server = SqsServer::start().await;
    let queue = server.queue("orders", &[]).await;
    server.send(&queue, json!({"do": "fail"})).await;
    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.sqs = vec![SqsMapping::new(&queue)];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    recording.wait_for(1).await;
    server.drained(&queue).await;
    lambda.shutdown().await;
    assert_eq!(recording.notes().len(), 1);
}
