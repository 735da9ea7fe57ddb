//! Behind a retry each try is a span of its own, which says the how-manieth it is.

use std::time::Duration;

use baton_propagators::http_client::Attempts;
use expect_test::expect;
use http::Request;
use http_body_util::Empty;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry::context::FutureExt;
use reqwest_middleware::ClientBuilder;
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};

use tower::{Layer, ServiceExt};

use super::Exchange;
use crate::queue::caller;

#[tokio::test]
async fn each_try_has_a_span() {
    let exchange = Exchange::new().await;
    let policy = ExponentialBackoff::builder()
        .retry_bounds(Duration::ZERO, Duration::ZERO)
        .build_with_max_retries(3);
    let client = ClientBuilder::new(reqwest::Client::new())
        .with(RetryTransientMiddleware::new_with_policy(policy))
        .with(exchange.tracing())
        .build();
    let response = client.get(exchange.url("/third-time")).send();
    let response = response.with_context(caller()).await.unwrap();
    assert_eq!(response.status(), 200);
    exchange.check(&expect![[r#"
        shop: Client "GET" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = GET
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/third-time
          http.response.status_code = 503
          network.protocol.version = 1.1
          error.type = 503
          Error { description: "" }
        shop: Client "GET" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = GET
          http.request.resend_count = 1
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/third-time
          http.response.status_code = 503
          network.protocol.version = 1.1
          error.type = 503
          Error { description: "" }
        shop: Client "GET" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = GET
          http.request.resend_count = 2
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/third-time
          http.response.status_code = 200
          network.protocol.version = 1.1
        > 00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN0-01
        > 00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN1-01
        > 00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN2-01
    "#]]);
}

/// What a retry of `tower` does: it sends clones of the request.
#[tokio::test]
async fn clones_of_a_request_count_together() {
    let exchange = Exchange::new().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let client = exchange.tracing().layer(client);
    let request = Request::get(exchange.url("/third-time"))
        .extension(Attempts::default())
        .body(Empty::<bytes::Bytes>::new())
        .unwrap();
    for _ in 0..3 {
        client.clone().oneshot(request.clone()).await.unwrap();
    }
    let spans = exchange.spans();
    let resends = spans.iter().map(|span| {
        let mut all = span.attributes.iter();
        let found = all.find(|found| found.key.as_str() == "http.request.resend_count");
        found.map(|found| found.value.to_string())
    });
    let expected = [None, Some("1".to_owned()), Some("2".to_owned())];
    assert_eq!(resends.collect::<Vec<_>>(), expected);
}
