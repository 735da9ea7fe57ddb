//! What goes wrong is on the span, and reaches the caller as it was.

use expect_test::expect;
use http::Request;
use http_body_util::Empty;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry::context::FutureExt;
use reqwest_middleware::ClientBuilder;
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};

use super::Exchange;
use crate::queue::caller;

/// The port of nobody.
async fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/?sig=secret", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_status_of_an_error_is_an_answer() {
    let exchange = Exchange::new().await;
    let client = ClientBuilder::new(reqwest::Client::new())
        .with(exchange.silent())
        .build();
    for status in [302, 404, 500] {
        let url = exchange.url(&format!("/status/{status}"));
        let response = client.get(url).send().with_context(caller()).await.unwrap();
        assert_eq!(response.status(), status);
    }
    exchange.check(&expect![[r#"
        shop: Client "GET" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = GET
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/status/302
          http.response.status_code = 302
          network.protocol.version = 1.1
        shop: Client "GET" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = GET
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/status/404
          http.response.status_code = 404
          network.protocol.version = 1.1
          error.type = 404
          Error { description: "" }
        shop: Client "GET" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = GET
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/status/500
          http.response.status_code = 500
          network.protocol.version = 1.1
          error.type = 500
          Error { description: "" }
        > 
        > 
        > 
    "#]]);
}

#[tokio::test]
async fn nobody_listens() {
    let exchange = Exchange::new().await;
    let url = closed().await;
    let hyper = exchange
        .tracing()
        .layer(Client::builder(TokioExecutor::new()).build_http());
    let request = Request::get(&url)
        .body(Empty::<bytes::Bytes>::new())
        .unwrap();
    let error = hyper.oneshot(request).await.unwrap_err();
    assert!(error.is_connect());

    let reqwest = exchange.tracing().layer(reqwest::Client::new());
    let request = reqwest::Request::new(reqwest::Method::GET, url.parse().unwrap());
    let error = reqwest.oneshot(request).await.unwrap_err();
    assert!(error.is_connect() && error.url().is_some());

    for span in exchange.spans() {
        let text = format!("{span:?}");
        assert!(
            text.contains("connection_refused") && text.contains("Connection refused"),
            "{text}"
        );
        assert!(!text.contains("secret"), "{text}");
    }
    assert_eq!(exchange.spans().len(), 2);
}

#[tokio::test]
async fn a_time_out_of_reqwest() {
    let exchange = Exchange::new().await;
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_millis(50));
    let client = ClientBuilder::new(client.build().unwrap())
        .with(exchange.tracing())
        .build();
    let error = client.get(exchange.url("/never")).send().await.unwrap_err();
    assert!(error.is_timeout());
    let span = exchange.spans().remove(0);
    assert!(format!("{span:?}").contains("timeout"), "{span:?}");
}

#[tokio::test]
async fn whoever_gives_up_leaves_a_span() {
    let exchange = Exchange::new().await;
    let client = exchange.tracing().layer(reqwest::Client::new());
    let url = exchange.url("/never");
    let request = reqwest::Request::new(reqwest::Method::GET, url.parse().unwrap());
    let mut answer = Box::pin(client.oneshot(request).with_context(caller()));
    // Until it has arrived: there is no answer to wait for.
    while exchange.server.headers("traceparent").is_empty() {
        assert!(futures::poll!(&mut answer).is_pending());
        tokio::task::yield_now().await;
    }
    drop(answer);
    exchange.check(&expect![[r#"
        shop: Client "GET" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          http.request.method = GET
          server.address = 127.0.0.1
          server.port = PORT
          url.full = http://127.0.0.1:PORT/never
          error.type = cancelled
          Error { description: "" }
        > 00-4bf92f3577b34da6a3ce929d0e0e4736-SPAN0-01
    "#]]);
}
