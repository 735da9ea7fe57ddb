//! `TraceInterceptor` in a real client: what goes over the wire, and what the spans say.

use aws_sdk_sqs::{
    Client,
    config::retry::RetryConfig,
    types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue},
};
use expect_test::expect;
use opentelemetry::{context::FutureExt, trace::Status};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::queue::{Queue, caller, entry, text};

const URL: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";
const SENT: &str =
    r#"{"MessageId": "m-1", "MD5OfMessageBody": "5d41402abc4b2a76b9719d911017c592"}"#;

#[tokio::test]
async fn a_send() {
    let queue = Queue::new(&[(200, SENT)]).await;
    let send = queue
        .client
        .send_message()
        .queue_url(URL)
        .message_body("hello")
        .message_attributes("own", text("kept"));
    send.send().with_context(caller()).await.unwrap();
    queue.check(&expect![[r#"
        shop: Producer "send orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          messaging.system = aws_sqs
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.sqs.queue.url = https://sqs.us-east-1.amazonaws.com/123456789012/orders
          messaging.message.body.size = 5
          cloud.region = us-east-1
          messaging.message.id = m-1
        {"MessageAttributes":{"own":{"DataType":"String","StringValue":"kept"},"traceparent":{"DataType":"String","StringValue":"00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN-01"},"tracestate":{"DataType":"String","StringValue":"dd=s:1"}},"MessageBody":"hello","MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=SPAN;Sampled=1"}},"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders"}
    "#]]);
}

#[tokio::test]
async fn a_batch() {
    let answer = json!({"Successful": [{"Id": "a", "MessageId": "m-1", "MD5OfMessageBody": "0"}], "Failed": []}).to_string();
    let queue = Queue::new(&[(200, &answer)]).await;
    let mut own = entry("b", "two");
    own.message_attributes = Some([("traceparent".to_owned(), text("own"))].into());
    let send = queue
        .client
        .send_message_batch()
        .queue_url(URL)
        .entries(entry("a", "one"))
        .entries(own);
    send.send().with_context(caller()).await.unwrap();
    queue.check(&expect![[r#"
        shop: Producer "send orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          messaging.system = aws_sqs
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.sqs.queue.url = https://sqs.us-east-1.amazonaws.com/123456789012/orders
          messaging.batch.message_count = 2
          cloud.region = us-east-1
        {"Entries":[{"Id":"a","MessageAttributes":{"traceparent":{"DataType":"String","StringValue":"00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN-01"},"tracestate":{"DataType":"String","StringValue":"dd=s:1"}},"MessageBody":"one","MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=SPAN;Sampled=1"}}},{"Id":"b","MessageAttributes":{"traceparent":{"DataType":"String","StringValue":"own"}},"MessageBody":"two"}],"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders"}
    "#]]);
}

#[tokio::test]
async fn a_batch_that_is_refused_in_part() {
    let answer = json!({
        "Successful": [{"Id": "a", "MessageId": "m-1", "MD5OfMessageBody": "0"}],
        "Failed": [{"Id": "b", "SenderFault": false, "Code": "InternalError", "Message": "try again"}],
    });
    let queue = Queue::new(&[(200, &answer.to_string())]).await;
    let send = queue
        .client
        .send_message_batch()
        .queue_url(URL)
        .entries(entry("a", "one"))
        .entries(entry("b", "two"));
    let output = send.send().with_context(caller()).await.unwrap();
    assert_eq!(output.failed().len(), 1);
    queue.check(&expect![[r#"
        shop: Producer "send orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          messaging.system = aws_sqs
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.sqs.queue.url = https://sqs.us-east-1.amazonaws.com/123456789012/orders
          messaging.batch.message_count = 2
          cloud.region = us-east-1
          error.type = InternalError
          Error { description: "1 of 2 messages were refused: try again" }
        {"Entries":[{"Id":"a","MessageAttributes":{"traceparent":{"DataType":"String","StringValue":"00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN-01"},"tracestate":{"DataType":"String","StringValue":"dd=s:1"}},"MessageBody":"one","MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=SPAN;Sampled=1"}}},{"Id":"b","MessageAttributes":{"traceparent":{"DataType":"String","StringValue":"00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN-01"},"tracestate":{"DataType":"String","StringValue":"dd=s:1"}},"MessageBody":"two","MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=SPAN;Sampled=1"}}}],"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders"}
    "#]]);
}

#[tokio::test]
async fn a_retry_is_the_same_span() {
    let busy = r#"{"__type": "com.amazonaws.sqs#RequestThrottled", "message": "slow down"}"#;
    let queue = Queue::new(&[(503, busy), (500, busy), (200, SENT)]).await;
    queue
        .client
        .send_message()
        .queue_url(URL)
        .message_body("hello")
        .send()
        .with_context(caller())
        .await
        .unwrap();

    let requests = queue.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| *request == requests[0]));
    assert_eq!(queue.exporter.get_finished_spans().unwrap().len(), 1);
}

#[tokio::test]
async fn a_queue_that_does_not_exist() {
    let missing = r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist."}"#;
    let queue = Queue::new(&[(400, missing)]).await;
    let error = queue
        .client
        .send_message()
        .queue_url(URL)
        .message_body("hello")
        .send()
        .with_context(caller())
        .await;
    assert!(
        error
            .unwrap_err()
            .into_service_error()
            .is_queue_does_not_exist()
    );
    queue.check(&expect![[r#"
        shop: Producer "send orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          messaging.system = aws_sqs
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.sqs.queue.url = https://sqs.us-east-1.amazonaws.com/123456789012/orders
          messaging.message.body.size = 5
          cloud.region = us-east-1
          error.type = AWS.SimpleQueueService.NonExistentQueue
          Error { description: "The specified queue does not exist." }
        {"MessageAttributes":{"traceparent":{"DataType":"String","StringValue":"00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN-01"},"tracestate":{"DataType":"String","StringValue":"dd=s:1"}},"MessageBody":"hello","MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=SPAN;Sampled=1"}},"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders"}
    "#]]);
}

#[tokio::test]
async fn nobody_listens() {
    let queue = Queue::new(&[]).await;
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let config = queue
        .client
        .config()
        .to_builder()
        .endpoint_url(format!("http://{closed}"));
    let client = Client::from_conf(config.retry_config(RetryConfig::disabled()).build());
    client
        .send_message()
        .queue_url(URL)
        .message_body("hello")
        .send()
        .with_context(caller())
        .await
        .unwrap_err();

    let span = queue.exporter.get_finished_spans().unwrap().remove(0);
    assert!(
        span.attributes
            .iter()
            .any(|a| a.key.as_str() == "error.type" && a.value.as_str() == "connection")
    );
    assert!(
        matches!(span.status, Status::Error { .. }),
        "{:?}",
        span.status
    );
}

/// The tenth attribute, the header, and nothing: each of these sends works with us as it does without.
#[tokio::test]
async fn the_ten_attributes() {
    for (own, header, injected) in [
        (9, false, &["traceparent", "AWSTraceHeader"][..]),
        (10, false, &["AWSTraceHeader"]),
        (9, true, &["traceparent"]),
        (10, true, &[]),
    ] {
        let queue = Queue::new(&[(200, SENT), (200, SENT)]).await;
        let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
        let value = MessageSystemAttributeValue::builder()
            .data_type("String")
            .string_value("Root=own")
            .build()
            .unwrap();
        for client in [&queue.plain, &queue.client] {
            let mut send = client.send_message().queue_url(URL).message_body("hello");
            for n in 0..own {
                send = send.message_attributes(format!("own{n}"), text("kept"));
            }
            if header {
                send = send.message_system_attributes(name.clone(), value.clone());
            }
            send.send().with_context(caller()).await.unwrap();
        }

        let requests = queue.requests.lock().unwrap().clone();
        let [plain, mut ours] = <[Value; 2]>::try_from(requests).unwrap();
        for name in injected {
            let added = match *name {
                "AWSTraceHeader" => ours
                    .as_object_mut()
                    .unwrap()
                    .remove("MessageSystemAttributes"),
                name => ours["MessageAttributes"]
                    .as_object_mut()
                    .unwrap()
                    .remove(name),
            };
            assert!(added.is_some(), "{name}");
        }
        assert_eq!(ours, plain, "something else changed");
        assert_eq!(queue.interceptor.left_out(), u64::from(injected.is_empty()));
    }
}

#[tokio::test]
async fn the_senders_own_parent_stays() {
    let queue = Queue::new(&[(200, SENT)]).await;
    let send = queue
        .client
        .send_message()
        .queue_url(URL)
        .message_body("hello")
        .message_attributes("traceparent", text("own"));
    send.send().with_context(caller()).await.unwrap();
    queue.check(&expect![[r#"
        shop: Client "send orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          messaging.system = aws_sqs
          messaging.operation.name = send
          messaging.operation.type = send
          messaging.destination.name = orders
          aws.sqs.queue.url = https://sqs.us-east-1.amazonaws.com/123456789012/orders
          messaging.message.body.size = 5
          cloud.region = us-east-1
          messaging.message.id = m-1
        {"MessageAttributes":{"traceparent":{"DataType":"String","StringValue":"own"}},"MessageBody":"hello","QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders"}
    "#]]);
}

#[tokio::test]
async fn other_operations_are_left_alone() {
    let queue = Queue::new(&[(200, "{}"), (200, "{}")]).await;
    for client in [&queue.plain, &queue.client] {
        client
            .receive_message()
            .queue_url(URL)
            .send()
            .with_context(caller())
            .await
            .unwrap();
    }
    let requests = queue.requests.lock().unwrap().clone();
    assert_eq!(requests[0], requests[1]);
    assert!(queue.exporter.get_finished_spans().unwrap().is_empty());
}
