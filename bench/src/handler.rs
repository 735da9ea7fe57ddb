//! What the wrapper adds to an invocation, and how long the flush after it takes.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use baton_propagators::lambda::{TraceLayer, traced};
use futures::future::BoxFuture;
use lambda_runtime::{
    Diagnostic, FunctionResponse, IntoFunctionResponse, LambdaEvent, LambdaInvocation, service_fn,
};
use opentelemetry::Context;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use serde_json::{Value, json};
use tower::{Layer, Service};

use crate::figures::Figures;
use crate::inputs;
use crate::sql::Discard;

const RUNS: usize = 301;
/// Few: in a short run hardly anything else of the machine has its turn.
const INVOCATIONS: u32 = 20;

/// Adds `handler_added_us`, `handler_added_batch10_us` and `handler_flush_us`: microseconds an invocation, with and without in turn.
pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let request = json!({
        "version": "2.0", "rawPath": "/orders/7", "routeKey": "$default",
        "headers": {"traceparent": inputs::TRACEPARENT, "tracestate": inputs::TRACESTATE, "user-agent": "checkout/1.0"},
        "requestContext": {"accountId": "123456789012", "domainName": "x.lambda-url.us-east-1.on.aws",
            "http": {"method": "POST", "path": "/orders/7", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}},
        "body": "x".repeat(1024), "isBase64Encoded": false
    });
    let (added, flush) = compare(request.to_string().as_bytes()).await?;
    figures.add("handler_added_us", added, Some("≤ 20"));
    figures.add("handler_flush_us", flush, None);
    let (added, _) = compare(&inputs::sqs_event(10, 1024)).await?;
    figures.add("handler_added_batch10_us", added, None);
    Ok(())
}

/// What the wrapper adds until the last span has ended, and from then on until the next event could be asked for.
async fn compare(event: &[u8]) -> Result<(Vec<f64>, Vec<f64>)> {
    let ended = LastEnd::default();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(Discard)
        .with_span_processor(ended.clone())
        .build();
    let flushed = provider.clone();
    let flush = move || {
        let provider = flushed.clone();
        async move { provider.force_flush() }
    };
    let mut plain = Runtime(service_fn(handler));
    let layer = TraceLayer::new(provider.tracer("bench"), flush);
    let mut wrapped = layer.layer(Runtime(traced(service_fn(handler))));
    let (mut added, mut flush) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let (mut without, mut with, mut flushing) = Default::default();
        for _ in 0..INVOCATIONS {
            let started = Instant::now();
            invoke(&mut plain, event).await?;
            without += started.elapsed();

            let started = Instant::now();
            invoke(&mut wrapped, event).await?;
            let last = ended.get();
            with += last.saturating_duration_since(started);
            flushing += last.elapsed();
        }
        // The first run warms up.
        if run > 0 {
            added.push(micros(with) - micros(without));
            flush.push(micros(flushing));
        }
    }
    Ok((added, flush))
}

fn micros(all: Duration) -> f64 {
    all.as_secs_f64() * 1e6 / f64::from(INVOCATIONS)
}

async fn invoke<S>(service: &mut S, event: &[u8]) -> Result<()>
where
    S: Service<LambdaInvocation, Response = (), Error = Diagnostic>,
{
    let (parts, ()) = http::Response::new(()).into_parts();
    let body = event.to_vec().into();
    let context = lambda_runtime::Context::default();
    let invocation = LambdaInvocation {
        parts,
        body,
        context,
    };
    let done = service.call(invocation).await;
    done.map_err(|error| anyhow!("the handler failed: {}", error.error_message))
}

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Infallible> {
    black_box(event.payload);
    Ok(json!({"statusCode": 200, "body": "{\"order\": 7}", "batchItemFailures": []}))
}

/// What `lambda_runtime` does with an invocation: parse, handle, serialize. What it posts goes nowhere.
struct Runtime<S>(S);

impl<S> Service<LambdaInvocation> for Runtime<S>
where
    S: Service<LambdaEvent<Value>, Future: Send + 'static>,
    S::Response: IntoFunctionResponse<Value, lambda_runtime::streaming::Body>,
    S::Error: Into<Diagnostic>,
{
    type Response = ();
    type Error = Diagnostic;
    type Future = BoxFuture<'static, Result<(), Diagnostic>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Diagnostic>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let payload = serde_json::from_slice(&invocation.body).unwrap_or_default();
        let response = self.0.call(LambdaEvent::new(payload, invocation.context));
        Box::pin(async move {
            let response = response.await.map_err(Into::into)?;
            if let FunctionResponse::BufferedResponse(body) = response.into_response() {
                black_box(body.to_string());
            }
            Ok(())
        })
    }
}

/// When the last span ended.
#[derive(Clone, Debug)]
struct LastEnd(Arc<Mutex<Instant>>);

impl Default for LastEnd {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl LastEnd {
    fn get(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanProcessor for LastEnd {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, _: SpanData) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
