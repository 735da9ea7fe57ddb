//! Carries W3C trace context through AWS Lambda events and SQS messages.
//!
//! ```text
//!  event ──> carrier ──> context ──> span
//! ```
//!
//! - [`event`]: raw bytes of a Lambda event → trigger, every record's context, span attributes, parent or links.
//! - [`carrier`]: HTTP headers, event headers, message attributes; for our own reader and for OpenTelemetry's propagators.
//! - [`context`]: trace and span ids, `traceparent` and `tracestate`, strict after W3C Trace Context Level 2.
//! - [`mod@format`]: how contexts are written: W3C, B3, Jaeger, X-Ray, OpenTracing, Datadog; several at once.
//! - [`attribute`]: the names of span attributes.
//! - [`BatonSpan`]: which spans the Lambda layer makes already, for a wrapper inside of the function.
//! - [`lambda`]: a tower layer and one-line wrappers for `lambda_runtime`.
//! - `tracing` (a feature, off by default): spans of the crate `tracing` under the invocation or message that they belong to.
//! - `http_client` (a feature, off by default): a layer for HTTP clients and a middleware for `reqwest`.
//! - `redis` (a feature, off by default): a connection of the crate `redis` whose commands are spans.
//! - `sql` (a feature, off by default): an executor around `sqlx`, so that every query is a span.
//! - [`send`]: one interceptor for the AWS SDK, so that every message carries the context of its send.
//! - [`sqs`]: the consumer of a queue, for workers outside Lambda.
//!
//! A function that answers requests and sends messages, traced:
//!
//! ```no_run
//! use aws_sdk_sqs::config::Builder;
//! use baton_propagators::{lambda::{TraceLayer, traced}, send::TraceInterceptor};
//! use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
//! use opentelemetry::trace::TracerProvider;
//! use serde_json::{Value, json};
//!
//! # async fn run(provider: opentelemetry_sdk::trace::SdkTracerProvider, config: aws_sdk_sqs::Config) -> Result<(), Error> {
//! let tracer = provider.tracer("order-api");
//! let config = config.to_builder().interceptor(TraceInterceptor::new(tracer.clone())).build();
//! let queue = aws_sdk_sqs::Client::from_conf(config);
//! let flush = move || { let provider = provider.clone(); async move { provider.force_flush() } };
//!
//! let handler = async |event: LambdaEvent<Value>| {
//!     let url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";
//!     queue.send_message().queue_url(url).message_body(event.payload.to_string()).send().await?;
//!     Ok::<_, Error>(json!({"statusCode": 202}))
//! };
//! Runtime::new(traced(service_fn(handler))).layer(TraceLayer::new(tracer, flush)).run().await
//! # }
//! ```
//!
//! # It is not
//! - an SDK or an exporter: bring a tracer and a function that flushes it;
//! - a way to fail: no header, attribute or event makes anything here panic, delay or change a result. What cannot be read
//!   is a new trace, what does not fit into a message is left out and counted.

pub mod attribute;
mod baton_span;
pub mod carrier;
pub mod context;
#[cfg(feature = "send")]
mod environment;
pub mod event;
#[cfg(any(feature = "lambda", feature = "consumer"))]
mod failure;
#[cfg(any(feature = "lambda", feature = "consumer"))]
mod flush;
pub mod format;
#[cfg(feature = "http-client")]
pub mod http_client;
mod json;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(any(feature = "lambda", feature = "consumer"))]
mod origin;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "send")]
pub mod send;
#[cfg(feature = "sql")]
pub mod sql;
#[cfg(feature = "sqs")]
pub mod sqs;
#[cfg(any(
    feature = "http-client",
    feature = "redis",
    feature = "send",
    feature = "sql"
))]
mod tracer;
#[cfg(feature = "tracing")]
pub mod tracing;

pub use baton_span::BatonSpan;

#[cfg(all(doctest, feature = "redis", feature = "reqwest"))]
#[doc = include_str!("../../docs/clients.md")]
struct ClientsPage;
