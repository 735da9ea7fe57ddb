//! A batch that finds every environment busy is held and tried again: it is delivered once, with its first receive.

use local_lambda::{Config, InvokeRequest, LocalLambda, SqsMapping};
use serde_json::json;

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_batch_waits_for_a_free_environment() {
    let server = SqsServer::start().await;
    let queue = server.queue("orders", &[]).await;
    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.concurrency = 1;
    function.sqs = vec![SqsMapping::new(&queue)];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();

    // A direct invocation keeps the only environment busy while a message arrives.
    let direct =
        json!({"Records": [{"messageId": "direct", "body": json!({"sleep": 3}).to_string()}]});
    let busy = lambda.function("orders").unwrap();
    let busy =
        tokio::spawn(async move { busy.invoke(InvokeRequest::new(direct.to_string())).await });
    recording.wait_for(1).await;
    server.send(&queue, json!({"order": 7})).await;
    recording.wait_for(2).await;
    server.drained(&queue).await;
    busy.await.unwrap().unwrap();
    lambda.shutdown().await;

    let notes = recording.notes();
    assert_eq!(notes.len(), 2);
    assert_eq!(
        notes[1]["event"]["Records"][0]["attributes"]["ApproximateReceiveCount"],
        "1"
    );
}
