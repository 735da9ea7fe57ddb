use aws_sdk_sns::types::PublishBatchRequestEntry;
use aws_sdk_sqs::{
    Client,
    types::{Message, QueueAttributeName},
};
use serde_json::{Value, json};

use super::{
    check, server,
    sqs::{queue, receive},
    sqs_event,
};
use crate::{
    clients::{Tracing, client},
    server::Server,
};

/// SNS → SQS, enveloped and raw, and what SNS hands to a function.
#[tokio::test]
async fn to_queues_and_functions() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let plain = client!(aws_sdk_sns, &server.endpoint);
    let traced = client!(aws_sdk_sns, &front.endpoint, tracing.interceptor());
    let topic = plain
        .create_topic()
        .name("orders")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    let queues = subscribed(&server, &plain, &topic).await;

    traced
        .publish()
        .topic_arn(&topic)
        .message("x")
        .send()
        .await
        .unwrap();
    let mut parents = vec![tracing.parent()];
    let entry = |id| {
        PublishBatchRequestEntry::builder()
            .id(id)
            .message(id)
            .build()
            .unwrap()
    };
    let publish = traced.publish_batch().topic_arn(&topic);
    let publish = publish
        .publish_batch_request_entries(entry("a"))
        .publish_batch_request_entries(entry("b"));
    assert_eq!(publish.send().await.unwrap().successful().len(), 2);
    let batch = tracing.parent();
    parents.extend([batch.clone(), batch]);

    let [enveloped, raw] = queues.as_slice() else {
        unreachable!()
    };
    let (mut enveloped, mut raw) = (
        receive(&enveloped.0, &enveloped.1, 3).await,
        receive(&raw.0, &raw.1, 3).await,
    );
    let body =
        |message: &Message| -> Value { serde_json::from_str(message.body().unwrap()).unwrap() };
    // "x" was first, whatever the order of delivery.
    enveloped.sort_by_key(|message| body(message)["Message"] != "x");
    raw.sort_by_key(|message| message.body() != Some("x"));
    for ((enveloped, raw), parent) in enveloped.iter().zip(&raw).zip(&parents) {
        check(
            &sqs_event(std::slice::from_ref(enveloped)),
            parent,
            "body.MessageAttributes",
        );
        check(
            &sqs_event(std::slice::from_ref(raw)),
            parent,
            "messageAttributes",
        );
        // The same object is `Sns` of an event.
        let event = json!({"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": body(enveloped)}]});
        check(&event, parent, "Sns.MessageAttributes");
    }
}

/// A queue that gets envelopes, and one that gets messages as they are.
async fn subscribed(
    server: &Server,
    plain: &aws_sdk_sns::Client,
    topic: &str,
) -> Vec<(Client, String)> {
    let mut queues = Vec::new();
    for (name, raw) in [("enveloped", "false"), ("raw", "true")] {
        let (client, url) = queue(server, name).await;
        let asked = client.get_queue_attributes().queue_url(&url);
        let asked = asked
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .unwrap();
        let arn = &asked.attributes.unwrap()[&QueueAttributeName::QueueArn];
        let subscribe = plain
            .subscribe()
            .topic_arn(topic)
            .protocol("sqs")
            .endpoint(arn);
        subscribe
            .attributes("RawMessageDelivery", raw)
            .send()
            .await
            .unwrap();
        queues.push((client, url));
    }
    queues
}
