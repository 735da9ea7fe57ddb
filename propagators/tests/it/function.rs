//! The functions: programs that the tests start as processes, since `lambda_runtime` reads its address from the environment.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use axum::http::StatusCode;
use baton_propagators::{
    format::{Formats, Propagator},
    lambda::{SqsMessage, TraceLayer, each_message, message_context, message_context_at, traced},
};
use lambda_runtime::{
    Error, LambdaEvent, LambdaInvocation, Runtime, Service,
    layers::TracingLayer,
    service_fn,
    streaming::{Body, Response, channel},
};
use opentelemetry::{
    Context,
    baggage::BaggageExt,
    context::FutureExt,
    global,
    propagation::TextMapPropagator,
    trace::{Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tracing::Instrument;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use crate::described::describe;

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn http_plain() {
    if started() {
        Runtime::new(service_fn(http)).run().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn http_traced() {
    serve(|| Runtime::new(traced(service_fn(http)))).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn batch_traced() {
    serve(|| Runtime::new(traced(service_fn(batch)))).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn each_message_alone() {
    serve(|| Runtime::new(each_message(message))).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn each_message_traced() {
    serve(|| Runtime::new(traced(each_message(message)))).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn records_traced() {
    serve(|| Runtime::new(traced(service_fn(records)))).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn bridged() {
    serve(|| Runtime::new(traced(service_fn(spans_of_tracing))).layer(TracingLayer::new())).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn bridged_each_message() {
    serve(|| Runtime::new(each_message(message_of_tracing)).layer(TracingLayer::new())).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn flush_that_blocks() {
    serve_flushing(|| async { std::thread::park() }).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn flush_that_hangs() {
    serve_flushing(std::future::pending::<()>).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn flush_that_panics() {
    serve_flushing(|| async { panic!("no exporter") }).await;
}

async fn serve_flushing<F: Future + Send + 'static>(flush: impl Fn() -> F + Send + Sync + 'static)
where
    F::Output: Send,
{
    if started() {
        let layer = TraceLayer::new(global::tracer("shop"), flush);
        let layer = layer.flush_within(Duration::from_millis(20));
        let runtime = Runtime::new(traced(service_fn(http))).layer(layer);
        runtime.run().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn every_result_plain() {
    if started() {
        Runtime::new(service_fn(every_result)).run().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn every_result_traced() {
    serve(|| Runtime::new(traced(service_fn(every_result)))).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn streamed_plain() {
    if started() {
        Runtime::new(service_fn(streamed)).run().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn streamed_traced() {
    serve(|| Runtime::new(traced(service_fn(streamed)))).await;
}

/// How often an event is sent, so that each result comes up once.
pub(crate) const RESULTS: usize = 6;

/// One result after another.
async fn every_result(event: LambdaEvent<Value>) -> Result<Value, Error> {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    tokio::task::yield_now().await;
    let id = |event: &Value| event["Records"][0]["messageId"].clone();
    match CALLS.fetch_add(1, Ordering::Relaxed) % RESULTS {
        0 => Ok(event.payload),
        1 => Ok(json!({"batchItemFailures": [{"itemIdentifier": id(&event.payload)}]})),
        2 => Ok(json!({"statusCode": 500, "body": "\u{1}é\"", "isBase64Encoded": false})),
        3 => Ok(json!([null, 1.5e300, "", {"batchItemFailures": 7}])),
        4 => Err(format!("no such order: {}", event.context.request_id).into()),
        _ => panic!("panic in {}", event.context.request_id),
    }
}

/// A body that comes in pieces, and breaks off in the second event.
async fn streamed(event: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    let breaks_off = event.payload == json!("breaks off");
    tokio::spawn(async move {
        sender.send_data("piece 1,".into()).await.unwrap();
        if breaks_off {
            return sender.abort();
        }
        sender.send_data("piece 2".into()).await.unwrap();
    });
    let mut response = Response::from(body);
    response.metadata_prelude.status_code = StatusCode::CREATED;
    Ok(response)
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn handing_on() {
    serve(|| Runtime::new(traced(service_fn(hand_on)))).await;
}

#[tokio::test]
#[ignore = "a program that other tests start"]
async fn handing_on_from_a_batch() {
    let hand_on = async |event| hand_on(event).with_context(message_context_at(1)).await;
    serve(|| Runtime::new(traced(service_fn(hand_on)))).await;
}

/// `tracing` outside and inside, OpenTelemetry in between.
async fn spans_of_tracing(_: LambdaEvent<Value>) -> Result<Value, Error> {
    check_order().await;
    Ok(json!(null))
}

async fn message_of_tracing(_: SqsMessage) -> Result<(), Error> {
    check_order().await;
    Ok(())
}

async fn check_order() {
    let outer = tracing::info_span!("order.check", order = 7);
    async {
        tracing::info!("checked");
        work("order.create").await;
        tracing::info_span!("order.store").in_scope(|| ());
    }
    .instrument(outer)
    .await;
}

/// Answers what a client of this function would send, in all formats.
async fn hand_on(_: LambdaEvent<Value>) -> Result<Value, Error> {
    let (formats, _) = Formats::parse("tracecontext,baggage,xray");
    let mut headers = HashMap::new();
    Propagator::new(formats).inject_context(&Context::current(), &mut headers);
    Ok(json!(headers))
}

/// Handles the second record under its span, whatever the source is, and answers what the event asks for.
async fn records(event: LambdaEvent<Value>) -> Result<Value, Error> {
    work("record.store")
        .with_context(message_context_at(1))
        .await;
    let baggage = message_context_at(1).baggage().to_string();
    Ok(match &event.payload["answer"] {
        Value::Null => json!({"baggage": baggage}),
        answer => answer.clone(),
    })
}

async fn http(event: LambdaEvent<Value>) -> Result<Value, Error> {
    match event.payload["rawPath"].as_str().unwrap_or("/direct") {
        "/checkout" => {
            work("order.create").await;
            Ok(json!({"statusCode": 201, "body": "created"}))
        }
        "/busy" => Ok(json!({"statusCode": 503})),
        "/implied" => Ok(json!({"hello": "world"})),
        "/error" => Err("no such coupon".into()),
        "/panic" => panic!("boom"),
        _ => Ok(json!({"statusCode": 500})),
    }
}

/// Handles the first message under its span, and reports the second one.
async fn batch(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let id = |n: usize| event.payload["Records"][n]["messageId"].as_str().unwrap();
    if event.payload["fail"] == true {
        return Err("database is down".into());
    }
    work("order.store")
        .with_context(message_context(id(0)))
        .await;
    Ok(json!({"batchItemFailures": [{"itemIdentifier": id(1)}]}))
}

async fn message(message: SqsMessage) -> Result<(), Error> {
    work("order.store").await;
    match message.body.as_str() {
        "bad" => Err("no such order".into()),
        "ugly" => panic!("cannot happen"),
        _ => Ok(()),
    }
}

/// A span of the function's own, and a wait inside of it: the handler's future is polled more than once.
async fn work(name: &'static str) {
    let _span = global::tracer("business").start(name);
    tokio::task::yield_now().await;
}

async fn serve<S>(runtime: impl FnOnce() -> Runtime<S>)
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    if !started() {
        return;
    }
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    global::set_tracer_provider(provider.clone());
    let bridge = baton_propagators::tracing::layer(provider.tracer("tracing"));
    tracing_subscriber::registry().with(bridge).init();
    let flush = move || {
        let text = describe(&exporter.get_finished_spans().unwrap());
        exporter.reset();
        async move { post(&text).await.unwrap() }
    };
    runtime()
        .layer(TraceLayer::new(provider.tracer("shop"), flush))
        .run()
        .await
        .unwrap();
}

/// Nothing happens when somebody runs the ignored tests by hand.
fn started() -> bool {
    runtime_api().is_some()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own, with an environment of its own"
)]
fn runtime_api() -> Option<String> {
    std::env::var("AWS_LAMBDA_RUNTIME_API").ok()
}

async fn post(spans: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(runtime_api().unwrap()).await?;
    let request = format!(
        "POST /spans HTTP/1.1\r\nhost: spans\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        spans.len()
    );
    stream.write_all(request.as_bytes()).await?;
    stream.write_all(spans.as_bytes()).await?;
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}
