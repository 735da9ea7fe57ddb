//! What the spans say, service by service.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use expect_test::{Expect, expect};
use opentelemetry::trace::Status;

use crate::{
    clients::{Tracing, client},
    front::{Front, Limits},
};

#[track_caller]
fn check(tracing: &Tracing, expected: &Expect) {
    let mut text = String::new();
    for span in tracing.take() {
        text.push_str(&format!("{:?} {:?}\n", span.span_kind, span.name));
        let attributes = span
            .attributes
            .iter()
            .filter(|attribute| attribute.key.as_str() != "server.port");
        attributes.for_each(|attribute| {
            text.push_str(&format!("  {} = {}\n", attribute.key, attribute.value))
        });
        if let Status::Error { description } = span.status {
            text.push_str(&format!("  error: {description}\n"));
        }
    }
    expected.assert_eq(&text);
}

#[tokio::test]
async fn sns() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let topic = "arn:aws:sns:us-east-1:123456789012:orders";
    let sns = client!(aws_sdk_sns, &front.endpoint, tracing.interceptor());
    sns.publish()
        .topic_arn(topic)
        .message("x")
        .send()
        .await
        .unwrap();
    sns.publish()
        .phone_number("+31612345678")
        .message("x")
        .send()
        .await
        .unwrap();
    check(
        &tracing,
        &expect![[r#"
        Producer "send orders"
          messaging.system = aws.sns
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.sns.topic.arn = arn:aws:sns:us-east-1:123456789012:orders
          messaging.message.body.size = 1
          cloud.region = us-east-1
          server.address = 127.0.0.1
          messaging.message.id = m-1
        Client "send phone"
          messaging.system = aws.sns
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = phone
          messaging.message.body.size = 1
          cloud.region = us-east-1
          server.address = 127.0.0.1
          messaging.message.id = m-1
    "#]],
    );
}

#[tokio::test]
async fn eventbridge() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let events = client!(aws_sdk_eventbridge, &front.endpoint, tracing.interceptor());
    let entry = PutEventsRequestEntry::builder()
        .source("shop")
        .detail_type("OrderPlaced")
        .detail("{}");
    let bus = "arn:aws:events:us-east-1:123456789012:event-bus/orders";
    events
        .put_events()
        .entries(entry.event_bus_name(bus).build())
        .send()
        .await
        .unwrap();
    check(
        &tracing,
        &expect![[r#"
        Producer "send orders"
          messaging.system = aws.eventbridge
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          messaging.batch.message_count = 1
          cloud.region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
          messaging.message.id = e-1
    "#]],
    );
}

/// Nobody gets the context of a record until payloads are written.
#[tokio::test]
async fn kinesis() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    for interceptor in [tracing.interceptor(), tracing.with_payloads()] {
        let kinesis = client!(aws_sdk_kinesis, &front.endpoint, interceptor);
        let data = aws_sdk_kinesis::primitives::Blob::new("{}");
        let put = kinesis
            .put_record()
            .stream_name("orders")
            .partition_key("key")
            .data(data);
        put.send().await.unwrap();
    }
    check(
        &tracing,
        &expect![[r#"
        Client "send orders"
          messaging.system = aws.kinesis
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.kinesis.stream_name = orders
          messaging.message.body.size = 2
          cloud.region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
          messaging.message.id = s-1
          messaging.destination.partition.id = shardId-0
        Producer "send orders"
          messaging.system = aws.kinesis
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.kinesis.stream_name = orders
          messaging.message.body.size = 2
          cloud.region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
          messaging.message.id = s-1
          messaging.destination.partition.id = shardId-0
    "#]],
    );
}

#[tokio::test]
async fn a_kinesis_batch_that_was_refused_in_part() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let kinesis = client!(aws_sdk_kinesis, &front.endpoint, tracing.with_payloads());
    let record = PutRecordsRequestEntry::builder()
        .partition_key("key")
        .data(aws_sdk_kinesis::primitives::Blob::new("{}"));
    let record = record.build().unwrap();
    let arn = "arn:aws:kinesis:us-east-1:123456789012:stream/orders";
    kinesis
        .put_records()
        .stream_arn(arn)
        .records(record.clone())
        .records(record)
        .send()
        .await
        .unwrap();
    check(
        &tracing,
        &expect![[r#"
        Producer "send orders"
          messaging.system = aws.kinesis
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.kinesis.stream_name = orders
          messaging.batch.message_count = 2
          cloud.region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
          error.type = ProvisionedThroughputExceededException
          error: 1 of 2 messages were refused: slow down
    "#]],
    );
}

#[tokio::test]
async fn firehose() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let firehose = client!(aws_sdk_firehose, &front.endpoint, tracing.with_payloads());
    let record = aws_sdk_firehose::types::Record::builder()
        .data(aws_sdk_firehose::primitives::Blob::new("{}"));
    let put = firehose
        .put_record()
        .delivery_stream_name("orders")
        .record(record.build().unwrap());
    put.send().await.unwrap();
    check(
        &tracing,
        &expect![[r#"
        Producer "send orders"
          messaging.system = aws.firehose
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          messaging.message.body.size = 2
          cloud.region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
          messaging.message.id = r-1
    "#]],
    );
}

#[tokio::test]
async fn lambda() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let lambda = client!(aws_sdk_lambda, &front.endpoint, tracing.interceptor());
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:orders:live";
    lambda.invoke().function_name(arn).send().await.unwrap();
    check(
        &tracing,
        &expect![[r#"
        Client "invoke orders"
          rpc.system.name = aws-api
          rpc.method = Lambda/Invoke
          faas.invoked_name = orders
          faas.invoked_provider = aws
          faas.invoked_region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
          http.response.status_code = 200
    "#]],
    );
}

#[tokio::test]
async fn step_functions() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let machines = client!(aws_sdk_sfn, &front.endpoint, tracing.interceptor());
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:orders:7";
    machines
        .start_execution()
        .state_machine_arn(machine)
        .send()
        .await
        .unwrap();
    check(
        &tracing,
        &expect![[r#"
        Client "start orders"
          rpc.system.name = aws-api
          rpc.method = SFN/StartExecution
          aws.step_functions.state_machine.arn = arn:aws:states:us-east-1:123456789012:stateMachine:orders:7
          cloud.region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
          baton.execution = arn:aws:states:us-east-1:1:execution:orders:e-1
    "#]],
    );
}

#[tokio::test]
async fn dynamodb() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let tables = client!(aws_sdk_dynamodb, &front.endpoint, tracing.interceptor());
    let id = AttributeValue::S("7".to_owned());
    tables
        .put_item()
        .table_name("orders")
        .item("id", id)
        .send()
        .await
        .unwrap();
    check(
        &tracing,
        &expect![[r#"
        Client "PutItem orders"
          db.system.name = aws.dynamodb
          db.operation.name = PutItem
          db.collection.name = orders
          aws.dynamodb.table_names = ["orders"]
          cloud.region = us-east-1
          server.address = 127.0.0.1
          aws.request_id = request-1
    "#]],
    );
}
