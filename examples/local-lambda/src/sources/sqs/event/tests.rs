use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageSystemAttributeName as System;
use expect_test::{expect, expect_file};

use super::*;

fn queue() -> QueueName {
    QueueName {
        arn: "arn:aws:sqs:us-west-2:123456789012:orders".to_owned(),
        region: "us-west-2".to_owned(),
    }
}

fn message(id: &str, body: &str) -> aws_sdk_sqs::types::builders::MessageBuilder {
    Message::builder()
        .message_id(id)
        .receipt_handle(format!("handle-{id}"))
        .body(body)
        .md5_of_body("fce0")
}

fn event(messages: &[Message]) -> String {
    let received: Vec<_> = messages
        .iter()
        .map(|m| Received::new(m, &queue()).unwrap())
        .collect();
    let event: serde_json::Value = serde_json::from_slice(&payload(&received)).unwrap();
    serde_json::to_string_pretty(&event).unwrap()
}

#[test]
fn every_field_as_lambda_names_it() {
    let attribute = |data_type: &str| MessageAttributeValue::builder().data_type(data_type);
    let full = message("m-1", "{\"order\":7}")
        .attributes(System::ApproximateReceiveCount, "2")
        .attributes(System::SentTimestamp, "1520621625029")
        .attributes(
            System::AwsTraceHeader,
            "Root=1-5eb33c07-de25b420912dee103a5db434",
        )
        .attributes(System::MessageGroupId, "group")
        .md5_of_message_attributes("582c")
        .message_attributes(
            "traceparent",
            attribute("String")
                .string_value("00-ab-cd-01")
                .build()
                .unwrap(),
        )
        .message_attributes(
            "count",
            attribute("Number.int").string_value("3").build().unwrap(),
        )
        .message_attributes(
            "raw",
            attribute("Binary")
                .binary_value(Blob::new([0, 255]))
                .build()
                .unwrap(),
        )
        .message_attributes(
            "lists",
            attribute("String")
                .string_list_values("abc")
                .binary_list_values(Blob::new("1"))
                .build()
                .unwrap(),
        );
    expect_file!["every_field.json"].assert_eq(&event(&[full.build()]));
}

#[test]
fn a_bare_message_and_a_batch() {
    let messages = [
        message("m-1", "one").build(),
        message("m-2", "\"two\"\n").build(),
    ];
    expect![[r#"
        {
          "Records": [
            {
              "attributes": {},
              "awsRegion": "us-west-2",
              "body": "one",
              "eventSource": "aws:sqs",
              "eventSourceARN": "arn:aws:sqs:us-west-2:123456789012:orders",
              "md5OfBody": "fce0",
              "messageAttributes": {},
              "messageId": "m-1",
              "receiptHandle": "handle-m-1"
            },
            {
              "attributes": {},
              "awsRegion": "us-west-2",
              "body": "\"two\"\n",
              "eventSource": "aws:sqs",
              "eventSourceARN": "arn:aws:sqs:us-west-2:123456789012:orders",
              "md5OfBody": "fce0",
              "messageAttributes": {},
              "messageId": "m-2",
              "receiptHandle": "handle-m-2"
            }
          ]
        }"#]]
    .assert_eq(&event(&messages));
}

#[test]
fn the_trace_header_is_kept_apart() {
    let traced = message("m-1", "").attributes(
        System::AwsTraceHeader,
        "Root=1-5eb33c07-de25b420912dee103a5db434",
    );
    let received = Received::new(&traced.build(), &queue()).unwrap();
    assert_eq!(
        received.trace_header.as_deref(),
        Some("Root=1-5eb33c07-de25b420912dee103a5db434")
    );
}

#[test]
fn batches_keep_order_and_fit() {
    let received =
        |bytes: usize| Received::new(&message("m", &"x".repeat(bytes)).build(), &queue()).unwrap();
    let small: Vec<_> = (0..25).map(|_| received(10)).collect();
    let lengths = |batches: Vec<Vec<Received>>| batches.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(lengths(batches(small.clone(), 10)), [10, 10, 5]);
    assert_eq!(lengths(batches(small, 10_000)), [25]);
    assert_eq!(lengths(batches(Vec::new(), 10)), [0; 0]);

    // Ten messages of 1 MiB are more than one event may hold.
    let large: Vec<_> = (0..10).map(|_| received(1 << 20)).collect();
    let split = batches(large, 10);
    assert!(
        split
            .iter()
            .all(|batch| payload(batch).len() <= MAX_EVENT_BYTES)
    );
    assert_eq!(lengths(split), [5, 5]);
}
