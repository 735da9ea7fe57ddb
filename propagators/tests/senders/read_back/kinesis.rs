use aws_sdk_kinesis::{
    primitives::Blob,
    types::{PutRecordsRequestEntry, Record, ShardIteratorType},
};
use serde_json::{Value, json};

use super::{base64, contexts, server};
use crate::{
    clients::{Tracing, client},
    server::eventually,
};

#[tokio::test]
async fn single_and_batch() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let plain = client!(aws_sdk_kinesis, &server.endpoint);
    let traced = client!(aws_sdk_kinesis, &front.endpoint, tracing.with_payloads());
    make_stream(&plain).await;
    let put = traced
        .put_record()
        .stream_name("orders")
        .partition_key("key")
        .data(Blob::new(r#"{"order": 7}"#));
    put.send().await.unwrap();
    let single = tracing.parent();
    let record = |data: &str| {
        PutRecordsRequestEntry::builder()
            .partition_key("key")
            .data(Blob::new(data))
            .build()
            .unwrap()
    };
    let put = traced
        .put_records()
        .stream_name("orders")
        .records(record("{}"))
        .records(record("a line of a log"));
    put.send().await.unwrap();
    let batch = tracing.parent();

    let records = read(&plain).await;
    let event = event(&records);
    let found = |parent: String| vec![(parent, "kinesis.data._trace".to_owned())];
    assert_eq!(contexts(&event), [found(single), found(batch), vec![]]);
    assert_eq!(records[2].data().as_ref(), b"a line of a log");
}

async fn read(client: &aws_sdk_kinesis::Client) -> Vec<Record> {
    let iterator = client
        .get_shard_iterator()
        .stream_name("orders")
        .shard_id("shardId-000000000000");
    let iterator = iterator
        .shard_iterator_type(ShardIteratorType::TrimHorizon)
        .send()
        .await
        .unwrap();
    let found = client
        .get_records()
        .shard_iterator(iterator.shard_iterator.unwrap())
        .send()
        .await
        .unwrap();
    found.records
}

/// As an event source mapping hands records on.
fn event(records: &[Record]) -> Value {
    let record = |record: &Record| {
        let kinesis = json!({
            "data": base64(record.data().as_ref()), "sequenceNumber": record.sequence_number(),
            "partitionKey": record.partition_key(), "approximateArrivalTimestamp": 1.5,
        });
        json!({"eventSource": "aws:kinesis", "kinesis": kinesis})
    };
    json!({"Records": records.iter().map(record).collect::<Vec<_>>()})
}

async fn make_stream(client: &aws_sdk_kinesis::Client) {
    client
        .create_stream()
        .stream_name("orders")
        .shard_count(1)
        .send()
        .await
        .unwrap();
    eventually("the stream", async || {
        let described = client
            .describe_stream_summary()
            .stream_name("orders")
            .send()
            .await
            .ok()?;
        let summary = described.stream_description_summary?;
        (summary.stream_status().as_str() == "ACTIVE").then_some(())
    })
    .await;
}
