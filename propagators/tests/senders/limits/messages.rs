use aws_sdk_sns::types::PublishBatchRequestEntry;
use aws_sdk_sqs::types::{
    MessageSystemAttributeNameForSends as SystemName, MessageSystemAttributeValue,
    SendMessageBatchRequestEntry,
};

use super::{around, same_outcome};
use crate::{
    clients::{Tracing, client, code},
    front::{Front, Limits},
};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:orders";

#[tokio::test]
async fn sqs() {
    // What an owner set is no limit of ours to guess, but for powers of two.
    let small = Limits {
        message: 65_536,
        ..Limits::NEW
    };
    for limits in [Limits::OLD, Limits::NEW, small] {
        same_outcome!(
            aws_sdk_sqs,
            limits,
            around(limits.message),
            |client, size| {
                client
                    .send_message()
                    .queue_url("q")
                    .message_body("x".repeat(size))
            }
        );
    }
    for limits in [Limits::OLD, Limits::NEW] {
        same_outcome!(
            aws_sdk_sqs,
            limits,
            around(limits.messages),
            |client, size| {
                let half = |id: &str, bytes| {
                    let entry = SendMessageBatchRequestEntry::builder().id(id);
                    entry.message_body("x".repeat(bytes)).build().unwrap()
                };
                let (one, other) = (half("a", size / 2), half("b", size - size / 2));
                client
                    .send_message_batch()
                    .queue_url("q")
                    .entries(one)
                    .entries(other)
            }
        );
    }
}

#[tokio::test]
async fn sqs_attributes() {
    for with_header in [false, true] {
        same_outcome!(aws_sdk_sqs, Limits::NEW, 6..=11, |client, size| {
            let mut send = client.send_message().queue_url("q").message_body("x");
            for n in 0..size {
                let value =
                    aws_sdk_sqs::types::MessageAttributeValue::builder().data_type("Number");
                send = send
                    .message_attributes(format!("a{n}"), value.string_value("7").build().unwrap());
            }
            let value = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value("Root=1");
            let value = with_header.then(|| (SystemName::AwsTraceHeader, value.build().unwrap()));
            send.set_message_system_attributes(Some(value.into_iter().collect()))
        });
    }
}

#[tokio::test]
async fn sns() {
    for limits in [Limits::OLD, Limits::NEW] {
        same_outcome!(
            aws_sdk_sns,
            limits,
            around(limits.message),
            |client, size| { client.publish().topic_arn(TOPIC).message("x".repeat(size)) }
        );
        same_outcome!(
            aws_sdk_sns,
            limits,
            around(limits.messages),
            |client, size| {
                let half = |id: &str, bytes| {
                    let entry = PublishBatchRequestEntry::builder().id(id);
                    entry.message("x".repeat(bytes)).build().unwrap()
                };
                let (one, other) = (half("a", size / 2), half("b", size - size / 2));
                client
                    .publish_batch()
                    .topic_arn(TOPIC)
                    .publish_batch_request_entries(one)
                    .publish_batch_request_entries(other)
            }
        );
    }
    same_outcome!(aws_sdk_sns, Limits::NEW, 6..=11, |client, size| {
        let mut send = client.publish().topic_arn(TOPIC).message("x");
        for n in 0..size {
            let value = aws_sdk_sns::types::MessageAttributeValue::builder().data_type("String");
            send =
                send.message_attributes(format!("a{n}"), value.string_value("x").build().unwrap());
        }
        send
    });
}
