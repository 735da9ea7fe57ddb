//! Several messages: a span for each.

use expect_test::expect;

use super::{check, event, messages};
use crate::runtime_api::invoke;

#[tokio::test]
async fn each_message_of_a_batch() {
    let calls = invoke("function::each_message_alone", &[event(&messages(3))]).await;
    check(
        &calls,
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"22222222-0000-0000-0000-000000000002\"},{\"itemIdentifier\":\"33333333-0000-0000-0000-000000000003\"}]}")
            business: Internal "order.store" in "process orders" of 11111111
            shop: Consumer "process orders" in "process orders"
              link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              baton.outcome = ok
            business: Internal "order.store" in "process orders" of 22222222
            shop: Consumer "process orders" in "process orders"
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
              error.type = _OTHER
              baton.outcome = failed
              event exception exception.type="_OTHER" exception.message="no such order"
              Error { description: "no such order" }
            business: Internal "order.store" in "process orders" of 33333333
            shop: Consumer "process orders" in "process orders"
              messaging.destination.name = orders
              messaging.message.id = 33333333-0000-0000-0000-000000000003
              baton.sent_time_ms = 1691582488600
              baton.first_receive_time_ms = 1691582488700
              baton.receive_count = 1
              error.type = panic
              baton.outcome = failed
              event exception exception.type="panic" exception.message="panicked: cannot happen"
              Error { description: "panicked: cannot happen" }
            shop: Consumer "process orders", root
              messaging.destination.name = orders
              messaging.batch.message_count = 3
        "#]],
    );
    assert_eq!(
        invoke("function::each_message_traced", &[event(&messages(3))]).await,
        calls
    );
}

#[tokio::test]
async fn each_message_of_a_fifo_queue() {
    let mut body = messages(3);
    for record in body["Records"].as_array_mut().unwrap() {
        record["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:orders.fifo".into();
    }
    check(
        &invoke("function::each_message_alone", &[event(&body)]).await,
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"22222222-0000-0000-0000-000000000002\"},{\"itemIdentifier\":\"33333333-0000-0000-0000-000000000003\"}]}")
            business: Internal "order.store" in "process orders.fifo" of 11111111
            shop: Consumer "process orders.fifo" in "process orders.fifo"
              link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              messaging.destination.name = orders.fifo
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              baton.outcome = ok
            business: Internal "order.store" in "process orders.fifo" of 22222222
            shop: Consumer "process orders.fifo" in "process orders.fifo"
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders.fifo
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
              error.type = _OTHER
              baton.outcome = failed
              event exception exception.type="_OTHER" exception.message="no such order"
              Error { description: "no such order" }
            shop: Consumer "process orders.fifo" in "process orders.fifo"
              messaging.destination.name = orders.fifo
              messaging.message.id = 33333333-0000-0000-0000-000000000003
              baton.sent_time_ms = 1691582488600
              baton.first_receive_time_ms = 1691582488700
              baton.receive_count = 1
              error.type = _OTHER
              baton.outcome = failed
              event exception exception.type="_OTHER" exception.message="skipped: an earlier message of the FIFO queue failed"
              Error { description: "skipped: an earlier message of the FIFO queue failed" }
            shop: Consumer "process orders.fifo", root
              messaging.destination.name = orders.fifo
              messaging.batch.message_count = 3
        "#]],
    );
}

#[tokio::test]
async fn a_batch_handler_of_its_own() {
    check(
        &invoke("function::batch_traced", &[event(&messages(3))]).await,
        &expect![[r#"
            Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"22222222-0000-0000-0000-000000000002\"}]}")
            business: Internal "order.store" in "process orders" of 11111111
            shop: Consumer "process orders" in "process orders"
              link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              baton.outcome = ok
            shop: Consumer "process orders" in "process orders"
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
              error.type = _OTHER
              baton.outcome = failed
              Error { description: "the response lists it in `batchItemFailures`" }
            shop: Consumer "process orders" in "process orders"
              messaging.destination.name = orders
              messaging.message.id = 33333333-0000-0000-0000-000000000003
              baton.sent_time_ms = 1691582488600
              baton.first_receive_time_ms = 1691582488700
              baton.receive_count = 1
              baton.outcome = ok
            shop: Consumer "process orders", root
              messaging.destination.name = orders
              messaging.batch.message_count = 3
        "#]],
    );
}

#[tokio::test]
async fn a_batch_handler_that_fails() {
    let mut body = messages(2);
    body["fail"] = true.into();
    check(
        &invoke("function::batch_traced", &[event(&body)]).await,
        &expect![[r#"
            Error("{\"errorType\":\"&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>\",\"errorMessage\":\"database is down\"}")
            shop: Consumer "process orders" in "process orders"
              link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              error.type = _OTHER
              baton.outcome = failed
              Error { description: "database is down" }
            shop: Consumer "process orders" in "process orders"
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
              error.type = _OTHER
              baton.outcome = failed
              Error { description: "database is down" }
            shop: Consumer "process orders", root
              messaging.destination.name = orders
              messaging.batch.message_count = 2
              error.type = _OTHER
              event exception exception.type="_OTHER" exception.message="database is down"
              Error { description: "database is down" }
        "#]],
    );
}
