//! Events of SNS and EventBridge: a real topic and a real bus lead to a queue, and the function gets what the service would have sent.

use std::time::Duration;

use aws_sdk_sns::types::MessageAttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use local_lambda::{Config, LocalLambda, Relay, SqsMapping};
use serde_json::{Value, json};

use crate::harness::http;
use crate::harness::recording::Recording;
use crate::harness::sns;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_of_a_topic() {
    let server = SqsServer::start().await;
    let queue = server.queue("relay", &[]).await;
    let topic = sns::topic(&server, "placed").await;
    sns::subscribe(&server, &topic, &queue, false).await;
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let attribute = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(traceparent)
        .build()
        .unwrap();
    let publish = aws_sdk_sns::Client::from_conf(sns::config(&server).build())
        .publish()
        .topic_arn(&topic)
        .message("order 7")
        .message_attributes("traceparent", attribute);
    publish.send().await.unwrap();

    let event = received(&queue, Relay::Sns).await;
    let record = &event["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    let arn = record["EventSubscriptionArn"].as_str().unwrap();
    assert!(arn.starts_with(&format!("{topic}:")), "{arn}");
    let notification = &record["Sns"];
    assert_eq!(notification["TopicArn"], topic);
    assert_eq!(notification["Message"], "order 7");
    assert_eq!(
        notification["MessageAttributes"]["traceparent"],
        json!({"Type": "String", "Value": traceparent})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_bus() {
    let server = SqsServer::start().await;
    let queue = server.queue("relay", &[]).await;
    let arn = server.attribute(&queue, QueueAttributeName::QueueArn).await;
    let pattern = json!({"source": ["shop"]}).to_string();
    ask(
        &server,
        "PutRule",
        json!({"Name": "all", "EventPattern": pattern}),
    )
    .await;
    let targets = json!({"Rule": "all", "Targets": [{"Id": "queue", "Arn": arn}]});
    ask(&server, "PutTargets", targets).await;
    let detail = json!({"order": 7}).to_string();
    let entry = json!({"Source": "shop", "DetailType": "OrderPlaced", "Detail": detail});
    ask(&server, "PutEvents", json!({"Entries": [entry]})).await;

    let event = received(&queue, Relay::EventBridge).await;
    assert_eq!(event["detail-type"], "OrderPlaced");
    assert_eq!(event["source"], "shop");
    assert_eq!(event["detail"], json!({"order": 7}));
}

/// The event of a function behind the queue.
async fn received(queue: &str, relay: Relay) -> Value {
    let recording = Recording::new();
    let mut function = recording.function("relayed", "record.obey");
    function.timeout = Duration::from_secs(20);
    function.sqs = vec![SqsMapping {
        relay,
        ..SqsMapping::new(queue)
    }];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let notes = recording.wait_for(1).await;
    lambda.shutdown().await;
    notes[0]["event"].clone()
}

/// A call of EventBridge, in the protocol of its SDKs.
async fn ask(server: &SqsServer, operation: &str, request: Value) {
    let answer = http::client()
        .post(server.endpoint())
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("AWSEvents.{operation}"))
        // The server goes by the service in the credential's scope, and does not check the signature.
        .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=0")
        .body(request.to_string())
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let said = answer.text().await.unwrap();
    assert!(status.is_success(), "{operation}: {status}: {said}");
}
