use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{contexts, server};
use crate::clients::{Tracing, client};

/// Written, updated in three ways, and read from the table's stream.
#[tokio::test]
async fn items_and_their_stream() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let traced = client!(aws_sdk_dynamodb, &front.endpoint, tracing.with_payloads());
    let table = json!({
        "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    let made = server.json("DynamoDB_20120810.CreateTable", &table).await;
    let stream = made["TableDescription"]["LatestStreamArn"].clone();

    let id = || AttributeValue::S("7".to_owned());
    let n = |n: u32| AttributeValue::N(n.to_string());
    let mut parents = Vec::new();
    traced
        .put_item()
        .table_name("orders")
        .item("id", id())
        .item("n", n(1))
        .send()
        .await
        .unwrap();
    parents.push(tracing.parent());
    let update = || traced.update_item().table_name("orders").key("id", id());
    let set = update()
        .update_expression("SET n = :n REMOVE gone")
        .expression_attribute_values(":n", n(2));
    set.send().await.unwrap();
    parents.push(tracing.parent());
    let add = update()
        .update_expression("ADD n :n")
        .expression_attribute_values(":n", n(1));
    add.send().await.unwrap();
    parents.push(tracing.parent());
    let old = aws_sdk_dynamodb::types::AttributeValueUpdate::builder()
        .value(n(4))
        .build();
    update().attribute_updates("n", old).send().await.unwrap();
    parents.push(tracing.parent());

    let records = read_stream(&server, &stream).await;
    let images = records
        .iter()
        .map(|record| record["dynamodb"]["NewImage"]["n"]["N"].as_str().unwrap());
    assert_eq!(images.collect::<Vec<_>>(), ["1", "2", "3", "4"]);
    let found = parents
        .into_iter()
        .map(|parent| vec![(parent, "dynamodb.NewImage._trace".to_owned())]);
    assert_eq!(
        contexts(&json!({"Records": records})),
        found.collect::<Vec<_>>()
    );
}

/// The records, with the fields that a mapping adds.
async fn read_stream(server: &crate::server::Server, stream: &Value) -> Vec<Value> {
    let call = async |operation: &str, body: Value| {
        server
            .json(&format!("DynamoDBStreams_20120810.{operation}"), &body)
            .await
    };
    let described = call("DescribeStream", json!({"StreamArn": stream})).await;
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let iterator =
        json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = call("GetShardIterator", iterator).await;
    let found = call(
        "GetRecords",
        json!({"ShardIterator": iterator["ShardIterator"]}),
    )
    .await;
    let mut records = found["Records"]
        .as_array()
        .unwrap_or_else(|| panic!("{found}"))
        .clone();
    for record in &mut records {
        record["eventSource"] = json!("aws:dynamodb");
        record["eventSourceARN"] = stream.clone();
    }
    records
}
