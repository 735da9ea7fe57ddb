//! A FIFO queue keeps the order of each message group, however many environments there are.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::QueueAttributeName;
use local_lambda::{Config, LocalLambda, SqsMapping};
use serde_json::{Value, json};

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_a_group_is_kept() {
    let server = SqsServer::start().await;
    let attributes = [
        (QueueAttributeName::FifoQueue, "true"),
        (QueueAttributeName::ContentBasedDeduplication, "true"),
    ];
    let queue = server.queue("orders.fifo", &attributes).await;
    for order in 0..12 {
        let send = server
            .client()
            .send_message()
            .queue_url(&queue)
            .message_group_id(format!("user-{}", order % 3));
        send.message_body(json!({"order": order}).to_string())
            .send()
            .await
            .unwrap();
    }
    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.concurrency = 3;
    function.sqs = vec![SqsMapping {
        batch_size: 2,
        ..SqsMapping::new(&queue)
    }];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    server.drained(&queue).await;
    lambda.shutdown().await;

    let mut groups: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for note in recording.notes() {
        for record in note["event"]["Records"].as_array().unwrap() {
            let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            let group = record["attributes"]["MessageGroupId"]
                .as_str()
                .unwrap()
                .to_owned();
            groups
                .entry(group)
                .or_default()
                .push(body["order"].as_u64().unwrap());
        }
    }
    let group = |first: u64| {
        (
            format!("user-{first}"),
            (first..12).step_by(3).collect::<Vec<_>>(),
        )
    };
    assert_eq!(groups, BTreeMap::from([group(0), group(1), group(2)]));
}
