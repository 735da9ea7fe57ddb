use aws_sdk_firehose::{
    primitives::Blob,
    types::{ExtendedS3DestinationConfiguration, Record},
};
use serde_json::json;

use super::{base64, contexts, server};
use crate::{
    clients::{Tracing, client},
    server::{Server, eventually},
};

/// What the stream put into its bucket, in no order.
async fn delivered(server: &Server, count: usize) -> Vec<String> {
    let list = format!("{}/lake?list-type=2", server.endpoint);
    let get = async |url: &str| {
        server
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    let keys = eventually("the objects", async || {
        let list = get(&list).await;
        let keys: Vec<_> = list
            .split("<Key>")
            .skip(1)
            .map(|rest| rest.split("</Key>").next().unwrap().to_owned())
            .collect();
        (keys.len() >= count).then_some(keys)
    })
    .await;
    let mut objects = Vec::new();
    for key in keys {
        objects.push(get(&format!("{}/lake/{key}", server.endpoint)).await);
    }
    objects
}

#[tokio::test]
async fn single_and_batch() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let plain = client!(aws_sdk_firehose, &server.endpoint);
    let traced = client!(aws_sdk_firehose, &front.endpoint, tracing.with_payloads());
    server
        .http
        .put(format!("{}/lake", server.endpoint))
        .send()
        .await
        .unwrap();
    let bucket = ExtendedS3DestinationConfiguration::builder().bucket_arn("arn:aws:s3:::lake");
    let bucket = bucket
        .role_arn("arn:aws:iam::000000000000:role/firehose")
        .build()
        .unwrap();
    let create = plain
        .create_delivery_stream()
        .delivery_stream_name("orders");
    create
        .extended_s3_destination_configuration(bucket)
        .send()
        .await
        .unwrap();

    let record = |data: &str| Record::builder().data(Blob::new(data)).build().unwrap();
    let put = traced
        .put_record()
        .delivery_stream_name("orders")
        .record(record("{\"n\": 1}\n"));
    put.send().await.unwrap();
    let single = tracing.parent();
    let put = traced.put_record_batch().delivery_stream_name("orders");
    let put = put
        .records(record("{\"n\": 2}\n"))
        .records(record("{\"n\": 3}\n{\"n\": 4}\n"));
    put.send().await.unwrap();
    let batch = tracing.parent();

    let mut objects = delivered(&server, 3).await;
    objects.sort_by_key(|object| object[6..7].to_owned());
    let record = |data: &String| json!({"recordId": "r", "data": base64(data.as_bytes()), "approximateArrivalTimestamp": 1});
    let event = json!({
        "invocationId": "i", "deliveryStreamArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders",
        "region": "us-east-1", "records": objects.iter().map(record).collect::<Vec<_>>(),
    });
    let found = |parent: String| vec![(parent, "data._trace".to_owned())];
    assert_eq!(contexts(&event), [found(single), found(batch), vec![]]);
    // Two documents are no object: they stay as they are. Of one the end of the line stays at its end.
    assert_eq!(objects[2], "{\"n\": 3}\n{\"n\": 4}\n");
    assert!(objects[0].ends_with("}}\n"));
}
