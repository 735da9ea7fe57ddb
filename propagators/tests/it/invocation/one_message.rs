//! A single message: the invocation span is its span.

use expect_test::expect;

use super::{check, check_all, event, messages};
use crate::runtime_api::invoke;

#[tokio::test]
async fn one_message() {
    check_all(
        &invoke("function::each_message_alone", &[event(&messages(1))]).await,
        &expect![[r#"
            Response("{\"batchItemFailures\":[]}")
            business: Internal "order.store" in "process orders" of 11111111
              state congo=t61rcWkgMzE
            shop: Consumer "process orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              state congo=t61rcWkgMzE
              faas.trigger = pubsub
              messaging.system = aws_sqs
              messaging.operation.name = process
              messaging.operation.type = process
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              faas.invocation_id = request-1
              faas.coldstart = true
              aws.lambda.invoked_arn = arn:aws:lambda:us-east-1:123456789012:function:shop:live
              cloud.resource_id = arn:aws:lambda:us-east-1:123456789012:function:shop:7
              cloud.account.id = 123456789012
              baton.outcome = ok
        "#]],
    );
}

#[tokio::test]
async fn one_message_that_fails() {
    let mut body = messages(1);
    body["Records"][0]["body"] = "bad".into();
    check(
        &invoke("function::each_message_alone", &[event(&body)]).await,
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"11111111-0000-0000-0000-000000000001\"}]}")
            business: Internal "order.store" in "process orders" of 11111111
              state congo=t61rcWkgMzE
            shop: Consumer "process orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              state congo=t61rcWkgMzE
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              error.type = _OTHER
              baton.outcome = failed
              event exception exception.type="_OTHER" exception.message="no such order"
              Error { description: "no such order" }
        "#]],
    );
}

/// Out of a dead-letter queue: a story of its own that points to the old one.
#[tokio::test]
async fn one_message_that_was_redriven() {
    let mut body = messages(2);
    body["Records"].as_array_mut().unwrap().remove(0);
    body["Records"][0]["body"] = "good".into();
    check(
        &invoke("function::each_message_alone", &[event(&body)]).await,
        &expect![[r#"
            Response("{\"batchItemFailures\":[]}")
            business: Internal "order.store" in "process orders" of 22222222
            shop: Consumer "process orders", root
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
              baton.outcome = ok
        "#]],
    );
}
