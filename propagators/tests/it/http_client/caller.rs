//! What the caller put into the headers stays, if it is a context.

use http::Request;
use http_body_util::Empty;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry::context::FutureExt;
use tower::{Layer, ServiceExt};

use super::Exchange;
use crate::queue::caller;

const OWN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

#[track_caller]
fn is_ours(traceparent: &str, exchange: &Exchange) {
    let span = exchange.spans().pop().unwrap().span_context;
    let ours = format!("00-{}-{}-01", span.trace_id(), span.span_id());
    assert_eq!(traceparent, ours);
}

#[tokio::test]
async fn a_context_of_the_callers_own() {
    let exchange = Exchange::new().await;
    for (own, silent) in [(OWN, false), ("00-0-0-00", false), ("", false), ("", true)] {
        let tracing = if silent {
            exchange.silent()
        } else {
            exchange.tracing()
        };
        let client = tracing.layer(Client::builder(TokioExecutor::new()).build_http());
        let mut request = Request::get(exchange.url("/status/200"));
        if !own.is_empty() {
            request = request.header("traceparent", own);
        }
        let request = request.body(Empty::<bytes::Bytes>::new()).unwrap();
        client
            .oneshot(request)
            .with_context(caller())
            .await
            .unwrap();
        let sent = exchange.server.headers("traceparent").pop().unwrap();
        match (own, silent) {
            (OWN, _) | (_, true) => assert_eq!(sent, own),
            _ => is_ours(&sent, &exchange),
        }
    }
}
