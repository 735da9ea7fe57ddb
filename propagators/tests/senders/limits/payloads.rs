use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{around, near, object, same_outcome};
use crate::{
    clients::{Tracing, client, code},
    front::{Front, Limits},
};

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";

#[tokio::test]
async fn eventbridge() {
    for limits in [Limits::OLD, Limits::NEW] {
        same_outcome!(
            aws_sdk_eventbridge,
            limits,
            around(limits.event),
            |client, size| {
                let entry = |bytes| {
                    let entry = PutEventsRequestEntry::builder()
                        .source("shop")
                        .detail_type("OrderPlaced");
                    entry
                        .detail(object(bytes - "shopOrderPlaced".len()))
                        .build()
                };
                client
                    .put_events()
                    .entries(entry(size / 2))
                    .entries(entry(size - size / 2))
            }
        );
    }
}

#[tokio::test]
async fn lambda() {
    // Base64 of 3 bytes is 4.
    let sizes = (2_400..2_720).step_by(10).chain(2_680..2_692);
    same_outcome!(aws_sdk_lambda, Limits::NEW, sizes, |client, size| {
        let context =
            json!({"client": {"x": "x".repeat(size - 30)}, "custom": {"a": "b"}}).to_string();
        client
            .invoke()
            .function_name("orders")
            .client_context(STANDARD.encode(context))
    });
    for limits in [Limits::OLD, Limits::NEW] {
        same_outcome!(
            aws_sdk_lambda,
            limits,
            around(limits.payload),
            |client, size| {
                let payload = aws_sdk_lambda::primitives::Blob::new(object(size));
                client
                    .invoke()
                    .function_name("orders")
                    .invocation_type("Event".into())
                    .payload(payload)
            }
        );
    }
}

#[tokio::test]
async fn step_functions() {
    for limits in [Limits::OLD, Limits::NEW] {
        same_outcome!(aws_sdk_sfn, limits, around(limits.input), |client, size| {
            client
                .start_execution()
                .state_machine_arn(MACHINE)
                .input(object(size))
        });
    }
    // The same name with the same input, again and again: one execution. With another input: an error.
    same_outcome!(aws_sdk_sfn, Limits::NEW, [40, 40, 41], |client, size| {
        client
            .start_execution()
            .state_machine_arn(MACHINE)
            .name("order-7")
            .input(object(size))
    });
}

#[tokio::test]
async fn kinesis() {
    for limits in [Limits::OLD, Limits::NEW] {
        same_outcome!(
            aws_sdk_kinesis,
            limits,
            near(limits.record),
            |client, size| {
                let data = aws_sdk_kinesis::primitives::Blob::new(object(size - "key".len()));
                client
                    .put_record()
                    .stream_name("orders")
                    .partition_key("key")
                    .data(data)
            }
        );
    }
    // Many are together too much long before one is.
    same_outcome!(
        aws_sdk_kinesis,
        Limits::OLD,
        near(Limits::OLD.records),
        |client, size| {
            let record = |bytes| {
                let data = aws_sdk_kinesis::primitives::Blob::new(object(bytes - "key".len()));
                PutRecordsRequestEntry::builder()
                    .partition_key("key")
                    .data(data)
                    .build()
                    .unwrap()
            };
            let records = (0..9)
                .map(|_| record(size / 10))
                .chain([record(size - size / 10 * 9)]);
            client
                .put_records()
                .stream_name("orders")
                .set_records(Some(records.collect()))
        }
    );
}

#[tokio::test]
async fn firehose() {
    same_outcome!(
        aws_sdk_firehose,
        Limits::NEW,
        around(1_024_000),
        |client, size| {
            let data = aws_sdk_firehose::primitives::Blob::new(object(size));
            let record = aws_sdk_firehose::types::Record::builder()
                .data(data)
                .build()
                .unwrap();
            client
                .put_record()
                .delivery_stream_name("orders")
                .record(record)
        }
    );
    same_outcome!(
        aws_sdk_firehose,
        Limits::NEW,
        near(4_194_304),
        |client, size| {
            let record = |bytes| {
                let data = aws_sdk_firehose::primitives::Blob::new(object(bytes));
                aws_sdk_firehose::types::Record::builder()
                    .data(data)
                    .build()
                    .unwrap()
            };
            let records = (0..4)
                .map(|_| record(size / 5))
                .chain([record(size - size / 5 * 4)]);
            client
                .put_record_batch()
                .delivery_stream_name("orders")
                .set_records(Some(records.collect()))
        }
    );
}

#[tokio::test]
async fn dynamodb() {
    same_outcome!(
        aws_sdk_dynamodb,
        Limits::NEW,
        around(409_600),
        |client, size| {
            let text = AttributeValue::S("x".repeat(size - "id".len() - 1 - "text".len()));
            client
                .put_item()
                .table_name("orders")
                .item("id", AttributeValue::N("7".to_owned()))
                .item("text", text)
        }
    );
    same_outcome!(
        aws_sdk_dynamodb,
        Limits::NEW,
        around(4_096),
        |client, size| {
            let expression = format!(
                "SET {} = :a REMOVE b",
                "a".repeat(size - "SET  = :a REMOVE b".len())
            );
            client
                .update_item()
                .table_name("orders")
                .update_expression(expression)
        }
    );
}

/// What is in the way of one carrier goes to the next, and what none takes is counted.
#[tokio::test]
async fn left_out_is_counted() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let interceptor = tracing.with_payloads();
    let client = client!(aws_sdk_kinesis, &front.endpoint, interceptor.clone());
    for (data, left_out) in [
        ("{}", 0),
        ("text", 1),
        ("{template}", 2),
        (r#"{"_trace":{}}"#, 2),
    ] {
        let data = aws_sdk_kinesis::primitives::Blob::new(data);
        client
            .put_record()
            .stream_name("orders")
            .partition_key("key")
            .data(data)
            .send()
            .await
            .unwrap();
        assert_eq!(interceptor.left_out(), left_out);
    }
}
