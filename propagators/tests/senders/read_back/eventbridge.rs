use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use serde_json::Value;

use super::{
    check, server,
    sqs::{queue, receive},
    sqs_event,
};
use crate::clients::{Tracing, client};

/// EventBridge → SQS, and the event as a function gets it.
#[tokio::test]
async fn to_a_queue_and_a_function() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let plain = client!(aws_sdk_eventbridge, &server.endpoint);
    let traced = client!(
        aws_sdk_eventbridge,
        &front.endpoint,
        tracing.with_payloads()
    );
    let (sqs, url) = queue(&server, "orders").await;
    let rule = plain
        .put_rule()
        .name("placed")
        .event_pattern(r#"{"source": ["shop"]}"#);
    rule.send().await.unwrap();
    let arn = "arn:aws:sqs:us-east-1:000000000000:orders";
    let target = Target::builder().id("queue").arn(arn).build().unwrap();
    plain
        .put_targets()
        .rule("placed")
        .targets(target)
        .send()
        .await
        .unwrap();

    let entry = PutEventsRequestEntry::builder()
        .source("shop")
        .detail_type("OrderPlaced");
    let entry = entry.detail(r#"{"order": 7}"#).build();
    let put = traced.put_events().entries(entry).send().await.unwrap();
    assert_eq!(put.failed_entry_count(), 0);
    let parent = tracing.parent();

    let messages = receive(&sqs, &url, 1).await;
    check(&sqs_event(&messages), &parent, "body.detail._trace");
    let event: Value = serde_json::from_str(messages[0].body().unwrap()).unwrap();
    assert_eq!(event["detail"]["order"], 7);
    check(&event, &parent, "detail._trace");

    // What rules do not deliver goes out all the same: it is on the message of a dead-letter queue.
    let sent = front.take().remove(0);
    let [_, trace, span, _] = <[&str; 4]>::try_from(parent.split('-').collect::<Vec<_>>()).unwrap();
    let header = format!(
        "Root=1-{}-{};Parent={span};Sampled=1",
        &trace[..8],
        &trace[8..]
    );
    assert_eq!(sent.json()["Entries"][0]["TraceHeader"], header);
    assert_eq!(sent.header("x-amzn-trace-id"), Some(header.as_str()));
}
