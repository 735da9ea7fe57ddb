//! The layer around the client of `hyper-util`.

use baton_propagators::http_client::UrlTemplate;
use expect_test::expect;
use futures::stream;
use http::Request;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry::{KeyValue, baggage::BaggageExt, context::FutureExt};
use tower::{Layer, ServiceExt};

use super::Exchange;
use crate::queue::caller;

#[tokio::test]
async fn a_request_carries_the_context_of_its_span_and_bodies_pass_through() {
    let exchange = Exchange::new().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let client = exchange.tracing().layer(client);

    let pieces = ["one, ", "two, ", "three"].map(|piece| {
        Ok::<_, std::io::Error>(http_body::Frame::data(bytes::Bytes::from_static(
            piece.as_bytes(),
        )))
    });
    let request = Request::post(exchange.url("/echo?sig=secret&page=2"))
        .extension(UrlTemplate::new("/{anything}"))
        .body(StreamBody::new(stream::iter(pieces)))
        .unwrap();
    let context = caller().with_baggage([KeyValue::new("tenant", "acme")]);
    let response = client.oneshot(request).with_context(context).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "one, two, three");
    assert_eq!(exchange.server.headers("tracestate"), ["dd=s:1"]);
    assert_eq!(exchange.server.headers("baggage"), ["tenant=acme"]);
    exchange.check(&expect![[r#"
        shop: Client "POST /{anything}" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = POST
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/echo?sig=REDACTED&page=2
          url.template = /{anything}
          http.response.status_code = 200
          network.protocol.version = 1.1
        > 00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN0-01
    "#]]);
}
