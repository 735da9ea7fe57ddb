use aws_sdk_sqs::{
    Client,
    types::{
        Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
        SendMessageBatchRequestEntry,
    },
};

use super::{check, contexts, server, sqs_event};
use crate::{
    clients::{Tracing, client},
    server::{Server, eventually},
};

pub(super) async fn queue(server: &Server, name: &str) -> (Client, String) {
    let client = client!(aws_sdk_sqs, &server.endpoint);
    let mut create = client.create_queue().queue_name(name);
    if name.ends_with(".fifo") {
        create = create.attributes(QueueAttributeName::FifoQueue, "true");
        create = create.attributes(QueueAttributeName::ContentBasedDeduplication, "true");
    }
    let url = create.send().await.unwrap().queue_url.unwrap();
    (client, url)
}

/// The next messages, as many as that.
pub(super) async fn receive(client: &Client, url: &str, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    eventually("messages", async || {
        let receive = client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10);
        let receive = receive.message_attribute_names("All");
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
        messages.extend(receive.send().await.unwrap().messages.unwrap_or_default());
        (messages.len() >= count).then_some(())
    })
    .await;
    assert_eq!(messages.len(), count);
    messages
}

#[tokio::test]
async fn single_and_batch() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let (plain, url) = queue(&server, "orders").await;
    let traced = client!(aws_sdk_sqs, &front.endpoint, tracing.interceptor());

    traced
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await
        .unwrap();
    let messages = receive(&plain, &url, 1).await;
    check(
        &sqs_event(&messages),
        &tracing.parent(),
        "messageAttributes",
    );
    let system = messages[0].attributes().unwrap();
    assert!(system[&MessageSystemAttributeName::AwsTraceHeader].ends_with(";Sampled=1"));
    let receipt = messages[0].receipt_handle().unwrap();
    let delete = plain.delete_message().queue_url(&url);
    delete.receipt_handle(receipt).send().await.unwrap();

    let entry = |id| {
        SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body(id)
            .build()
            .unwrap()
    };
    let send = traced
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("a"))
        .entries(entry("b"));
    assert_eq!(send.send().await.unwrap().successful().len(), 2);
    let parent = (tracing.parent(), "messageAttributes".to_owned());
    let found = contexts(&sqs_event(&receive(&plain, &url, 2).await));
    assert_eq!(found, [[parent.clone()], [parent]]);
}

/// Ten attributes of the sender: the header carries alone.
#[tokio::test]
async fn ten_attributes() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let (plain, url) = queue(&server, "orders").await;
    let traced = client!(aws_sdk_sqs, &front.endpoint, tracing.interceptor());
    let value = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("x")
        .build()
        .unwrap();
    let mut send = traced.send_message().queue_url(&url).message_body("x");
    for n in 0..10 {
        send = send.message_attributes(format!("a{n}"), value.clone());
    }
    send.send().await.unwrap();
    let messages = receive(&plain, &url, 1).await;
    assert_eq!(messages[0].message_attributes().unwrap().len(), 10);
    check(
        &sqs_event(&messages),
        &tracing.parent(),
        "attributes.AWSTraceHeader",
    );
}

/// Two sends with the same body are one message, with us as without.
#[tokio::test]
async fn fifo_deduplication() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let (plain, url) = queue(&server, "orders.fifo").await;
    let traced = client!(aws_sdk_sqs, &front.endpoint, tracing.interceptor());
    let send = async |client: &Client, body: &str| {
        let send = client
            .send_message()
            .queue_url(&url)
            .message_group_id("g")
            .message_body(body);
        send.send().await.unwrap().message_id.unwrap()
    };
    let first = send(&traced, "same").await;
    let parent = tracing.parent();
    assert_eq!(send(&traced, "same").await, first);
    assert_eq!(send(&plain, "same").await, first);
    let messages = receive(&plain, &url, 1).await;
    check(&sqs_event(&messages), &parent, "messageAttributes");
}
