//! HTTP requests and direct invokes.

use expect_test::expect;
use serde_json::json;

use super::{check, check_all, event, request};
use crate::runtime_api::{Event, invoke};

const TRACED: &str = "Root=1-64d38018-6a56d23a731e0cbe6ed85687;Parent=1e4dbd311c45e826;Sampled=1";
const UNTRACED: &str = "Root=1-64d38018-6a56d23a731e0cbe6ed85687;Parent=1e4dbd311c45e826;Sampled=0";

#[tokio::test]
async fn http_request() {
    check_all(
        &invoke("function::http_traced", &[request("/checkout")]).await,
        &expect![[r#"
        Response("{\"body\":\"created\",\"statusCode\":201}")
        business: Internal "order.create" in "POST"
          state congo=t61rcWkgMzE
        shop: Server "POST" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state congo=t61rcWkgMzE
          faas.trigger = http
          http.request.method = POST
          url.path = /checkout
          url.scheme = https
          server.address = abcdefghijklmnopqrstuvwxyz123456.lambda-url.us-east-1.on.aws
          client.address = 203.0.113.7
          user_agent.original = curl/8.5.0
          network.protocol.version = 1.1
          faas.invocation_id = request-1
          faas.coldstart = true
          aws.lambda.invoked_arn = arn:aws:lambda:us-east-1:123456789012:function:shop:live
          cloud.resource_id = arn:aws:lambda:us-east-1:123456789012:function:shop:7
          cloud.account.id = 123456789012
          http.response.status_code = 201
    "#]],
    );
}

#[tokio::test]
async fn http_status_500_and_more() {
    check(
        &invoke("function::http_traced", &[request("/busy")]).await,
        &expect![[r#"
            Response("{\"statusCode\":503}")
            shop: Server "POST" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              state congo=t61rcWkgMzE
              http.request.method = POST
              url.path = /busy
              url.scheme = https
              server.address = abcdefghijklmnopqrstuvwxyz123456.lambda-url.us-east-1.on.aws
              client.address = 203.0.113.7
              user_agent.original = curl/8.5.0
              network.protocol.version = 1.1
              http.response.status_code = 503
              error.type = 503
              Error { description: "" }
        "#]],
    );
}

#[tokio::test]
async fn http_error() {
    check(
        &invoke("function::http_traced", &[request("/error")]).await,
        &expect![[r#"
            Error("{\"errorType\":\"&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>\",\"errorMessage\":\"no such coupon\"}")
            shop: Server "POST" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              state congo=t61rcWkgMzE
              http.request.method = POST
              url.path = /error
              url.scheme = https
              server.address = abcdefghijklmnopqrstuvwxyz123456.lambda-url.us-east-1.on.aws
              client.address = 203.0.113.7
              user_agent.original = curl/8.5.0
              network.protocol.version = 1.1
              error.type = _OTHER
              event exception exception.type="_OTHER" exception.message="no such coupon"
              Error { description: "no such coupon" }
        "#]],
    );
}

#[tokio::test]
async fn http_panic() {
    check(
        &invoke("function::http_traced", &[request("/panic")]).await,
        &expect![[r#"
            Error("{\"errorType\":\"&alloc::boxed::Box<dyn core::any::Any + core::marker::Send>\",\"errorMessage\":\"Lambda panicked: boom\"}")
            shop: Server "POST" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              state congo=t61rcWkgMzE
              http.request.method = POST
              url.path = /panic
              url.scheme = https
              server.address = abcdefghijklmnopqrstuvwxyz123456.lambda-url.us-east-1.on.aws
              client.address = 203.0.113.7
              user_agent.original = curl/8.5.0
              network.protocol.version = 1.1
              error.type = panic
              event exception exception.type="panic" exception.message="panicked: boom"
              Error { description: "panicked: boom" }
        "#]],
    );
}

#[tokio::test]
async fn direct_invoke_under_active_tracing() {
    let event = Event {
        trace_id: Some(TRACED),
        ..event(&json!({"action": "tidy"}))
    };
    check(
        &invoke("function::http_traced", &[event]).await,
        &expect![[r#"
            Response("{\"statusCode\":500}")
            shop: Server "shop" in 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
        "#]],
    );
}

/// Lambda's own `Sampled=0` is no decision, and its parent is no span.
#[tokio::test]
async fn direct_invoke_without_active_tracing() {
    let event = Event {
        trace_id: Some(UNTRACED),
        ..event(&json!({"action": "tidy"}))
    };
    check(
        &invoke("function::http_traced", &[event]).await,
        &expect![[r#"
            Response("{\"statusCode\":500}")
            shop: Server "shop", root
        "#]],
    );
}

/// The runtime answers for the handler, which is never called.
#[tokio::test]
async fn an_event_of_another_type() {
    let event = event(&json!({"action": "tidy"}));
    check(
        &invoke("function::each_message_alone", &[event]).await,
        &expect![[r#"
            Error("{\"errorType\":\"&lambda_runtime::deserializer::DeserializeError\",\"errorMessage\":\"failed to deserialize the incoming data into the function's payload type: missing field `Records` at line 1 column 17\\n\"}")
            shop: Server "shop", root
              error.type = deserialization
              event exception exception.type="deserialization" exception.message="the event is not of the handler's type: the handler did not run"
              Error { description: "the event is not of the handler's type: the handler did not run" }
        "#]],
    );
}
