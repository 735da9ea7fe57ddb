//! Spans of `tracing` nest under those of the wrappers, and none is there twice: the runtime's own `TracingLayer` is on too.

use expect_test::expect;

use super::{check, event, messages, request};
use crate::runtime_api::invoke;

#[tokio::test]
async fn under_the_invocation() {
    check(
        &invoke("function::bridged", &[request("/checkout")]).await,
        &expect![[r#"
            Response("null")
            business: Internal "order.create" in "order.check"
              state congo=t61rcWkgMzE
            tracing: Internal "order.store" in "order.check"
              state congo=t61rcWkgMzE
            tracing: Internal "order.check" in "POST"
              state congo=t61rcWkgMzE
              order = 7
              event checked level="INFO" target="it::function"
            shop: Server "POST" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              state congo=t61rcWkgMzE
              http.request.method = POST
              url.path = /checkout
              url.scheme = https
              server.address = abcdefghijklmnopqrstuvwxyz123456.lambda-url.us-east-1.on.aws
              client.address = 203.0.113.7
              user_agent.original = curl/8.5.0
              network.protocol.version = 1.1
              http.response.status_code = 200
        "#]],
    );
}

#[tokio::test]
async fn under_each_message() {
    check(
        &invoke("function::bridged_each_message", &[event(&messages(2))]).await,
        &expect![[r#"
            Response("{\"batchItemFailures\":[]}")
            business: Internal "order.create" in "order.check"
            tracing: Internal "order.store" in "order.check"
            tracing: Internal "order.check" in "process orders" of 11111111
              order = 7
              event checked level="INFO" target="it::function"
            shop: Consumer "process orders" in "process orders"
              link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              baton.outcome = ok
            business: Internal "order.create" in "order.check"
            tracing: Internal "order.store" in "order.check"
            tracing: Internal "order.check" in "process orders" of 22222222
              order = 7
              event checked level="INFO" target="it::function"
            shop: Consumer "process orders" in "process orders"
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
              baton.outcome = ok
            shop: Consumer "process orders", root
              messaging.destination.name = orders
              messaging.batch.message_count = 2
        "#]],
    );
}
