//! `reqwest` as a `tower` service, and through `reqwest-middleware`, where the call sites stay as they are.

use baton_propagators::http_client::UrlTemplate;
use expect_test::expect;
use futures::{StreamExt, stream};
use opentelemetry::context::FutureExt;
use reqwest_middleware::ClientBuilder;
use tower::{Layer, ServiceExt};

use super::Exchange;
use crate::queue::caller;

#[tokio::test]
async fn as_a_service() {
    let exchange = Exchange::new().await;
    let client = exchange.tracing().layer(reqwest::Client::new());
    let request = reqwest::Request::new(
        reqwest::Method::from_bytes(b"PURGE").unwrap(),
        exchange.url("/status/204").parse().unwrap(),
    );
    let response = client
        .oneshot(request)
        .with_context(caller())
        .await
        .unwrap();
    assert_eq!(response.status(), 204);
    exchange.check(&expect![[r#"
        shop: Client "HTTP" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = _OTHER
          http.request.method_original = PURGE
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/status/204
          http.response.status_code = 204
          network.protocol.version = 1.1
        > 00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN0-01
    "#]]);
}

#[tokio::test]
async fn as_a_middleware() {
    let exchange = Exchange::new().await;
    let client = ClientBuilder::new(reqwest::Client::new())
        .with(exchange.tracing())
        .build();
    let pieces = ["one, ", "two"].map(Ok::<_, std::io::Error>);
    let response = client
        .post(exchange.url("/echo"))
        .with_extension(UrlTemplate::new("/{anything}"))
        .body(reqwest::Body::wrap_stream(stream::iter(pieces)))
        .send()
        .with_context(caller())
        .await
        .unwrap();
    let mut body = Vec::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        body.extend(piece.unwrap());
    }
    assert_eq!(body, b"one, two");
    exchange.check(&expect![[r#"
        shop: Client "POST /{anything}" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = POST
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/echo
          url.template = /{anything}
          http.response.status_code = 200
          network.protocol.version = 1.1
        > 00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN0-01
    "#]]);
}
