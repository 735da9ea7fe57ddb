//! The header of a request: what Lambda wrote into it is handed on, what the caller wrote stays.

use std::borrow::Cow;

use baton_propagators::format::{Extra, Sampling};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt, context::FutureExt};

use crate::{
    clients::{Tracing, client},
    front::{Front, Limits},
};

#[tokio::test]
async fn lineage_and_baggage() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let client = client!(aws_sdk_sqs, &front.endpoint, tracing.interceptor());
    let of_lambda = Extra {
        sampling: Sampling::Flag,
        xray: Cow::Borrowed("Lineage=1:fe460cdd:0"),
    };
    let context = Context::new()
        .with_value(of_lambda)
        .with_baggage([KeyValue::new("tenant", "acme")]);
    let send = client.send_message().queue_url("q").message_body("x");
    send.send().with_context(context).await.unwrap();

    let request = front.take().remove(0);
    let body = request.json();
    let attribute = |name: &str| body["MessageAttributes"][name]["StringValue"].clone();
    let parent = tracing.parent();
    assert_eq!(attribute("traceparent"), parent);
    assert_eq!(attribute("baggage"), "tenant=acme");
    let [_, trace, span, _] = <[&str; 4]>::try_from(parent.split('-').collect::<Vec<_>>()).unwrap();
    let (time, rest) = trace.split_at(8);
    let header = format!("Root=1-{time}-{rest};Parent={span};Sampled=1;Lineage=1:fe460cdd:0");
    assert_eq!(request.header("x-amzn-trace-id"), Some(header.as_str()));
    assert_eq!(
        body["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"],
        header
    );
}

#[tokio::test]
async fn a_header_of_the_caller() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let client = client!(aws_sdk_sns, &front.endpoint, tracing.interceptor());
    let publish = client
        .publish()
        .topic_arn("arn:aws:sns:us-east-1:1:orders")
        .message("x");
    let publish = publish.customize().mutate_request(|request| {
        request.headers_mut().insert("x-amzn-trace-id", "Root=own");
    });
    publish.send().await.unwrap();
    assert_eq!(front.take()[0].header("x-amzn-trace-id"), Some("Root=own"));
}

/// Who adds it to the client and to a request gets one span.
#[tokio::test]
async fn added_twice() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let client = client!(aws_sdk_sqs, &front.endpoint, tracing.interceptor());
    let send = client.send_message().queue_url("q").message_body("x");
    send.customize()
        .interceptor(tracing.interceptor())
        .send()
        .await
        .unwrap();
    assert_eq!(
        front.take()[0].json()["MessageAttributes"]["traceparent"]["StringValue"],
        tracing.parent()
    );
}
