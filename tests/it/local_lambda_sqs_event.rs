//! What a function gets of a message: every field, as Lambda delivers it.

use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeNameForSends as ForSends,
    MessageSystemAttributeValue,
};
use local_lambda::{Config, LocalLambda, SqsMapping};
use serde_json::{Value, json};

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

const TRACE: &str = "Root=1-5eb33c07-de25b420912dee103a5db434;Parent=53995c3f42cd8ad8;Sampled=1";

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_with_everything_it_was_sent_with() {
    let server = SqsServer::start().await;
    let queue = server.queue("orders", &[]).await;
    let sent = send(&server, &queue).await;

    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.sqs = vec![SqsMapping::new(&queue)];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let notes = recording.wait_for(1).await;
    server.drained(&queue).await;
    lambda.shutdown().await;

    // The trace context of one message is the invocation's.
    assert_eq!(notes[0]["trace"], TRACE);
    let mut record = notes[0]["event"]["Records"][0].clone();
    assert!(!record["receiptHandle"].as_str().unwrap().is_empty());
    let fields = record["attributes"].as_object_mut().unwrap();
    for time in ["SentTimestamp", "ApproximateFirstReceiveTimestamp"] {
        let milliseconds = fields.remove(time).unwrap();
        assert_eq!(
            milliseconds.as_str().unwrap().len(),
            13,
            "{time} is `{milliseconds}`"
        );
    }
    assert!(fields.remove("SenderId").is_some());
    record.as_object_mut().unwrap().remove("receiptHandle");
    let text = |value: &str, kind: &str| json!({"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": kind});
    assert_eq!(
        record,
        json!({
            "messageId": sent.message_id().unwrap(),
            "body": r#"{"order":7,"text":"ä"}"#,
            "attributes": {"ApproximateReceiveCount": "1", "AWSTraceHeader": TRACE},
            "messageAttributes": {
                "traceparent": text("00-ab-cd-01", "String"),
                "count": text("3", "Number"),
                "raw": {"binaryValue": "AP8=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
            },
            "md5OfBody": sent.md5_of_message_body().unwrap(),
            "md5OfMessageAttributes": sent.md5_of_message_attributes().unwrap(),
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders",
            "awsRegion": "us-east-1",
        })
    );
}

/// A message with attributes of every kind.
async fn send(server: &SqsServer, queue: &str) -> SendMessageOutput {
    let attribute = |data_type: &str| MessageAttributeValue::builder().data_type(data_type);
    let trace = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(TRACE)
        .build()
        .unwrap();
    server
        .client()
        .send_message()
        .queue_url(queue)
        .message_body(r#"{"order":7,"text":"ä"}"#)
        .message_attributes(
            "traceparent",
            attribute("String")
                .string_value("00-ab-cd-01")
                .build()
                .unwrap(),
        )
        .message_attributes(
            "raw",
            attribute("Binary")
                .binary_value(Blob::new([0, 255]))
                .build()
                .unwrap(),
        )
        .message_attributes(
            "count",
            attribute("Number").string_value("3").build().unwrap(),
        )
        .message_system_attributes(ForSends::AwsTraceHeader, trace)
        .send()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_no_one_parent() {
    let server = SqsServer::start().await;
    let queue = server.queue("orders", &[]).await;
    for order in 0..3 {
        server.send(&queue, json!({"order": order})).await;
    }
    let recording = Recording::new();
    let mut function = recording.function("orders", "record.sqs");
    function.sqs = vec![SqsMapping::new(&queue)];
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let notes = recording.wait_for(1).await;
    server.drained(&queue).await;
    lambda.shutdown().await;
    let bodies: Vec<&Value> = notes[0]["event"]["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["body"])
        .collect();
    assert_eq!(
        bodies,
        [
            &json!("{\"order\":0}"),
            &json!("{\"order\":1}"),
            &json!("{\"order\":2}")
        ]
    );
    assert!(
        notes[0]["trace"].as_str().unwrap().ends_with("Sampled=0"),
        "{}",
        notes[0]["trace"]
    );
}
