//! Spans for functions on `lambda_runtime`: one layer, one wrapper, no other change.
//!
//! ```no_run
//! # async fn run(provider: opentelemetry_sdk::trace::SdkTracerProvider) -> Result<(), lambda_runtime::Error> {
//! use baton_propagators::lambda::{TraceLayer, traced};
//! use lambda_runtime::{LambdaEvent, Runtime, service_fn};
//! use opentelemetry::trace::TracerProvider;
//! use serde_json::{Value, json};
//!
//! async fn handler(event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
//!     Ok(json!({"statusCode": 200, "body": event.payload.to_string()}))
//! }
//!
//! let tracer = provider.tracer("orders");
//! let flush = move || {
//!     let provider = provider.clone();
//!     async move { provider.force_flush() }
//! };
//! Runtime::new(traced(service_fn(handler))).layer(TraceLayer::new(tracer, flush)).run().await
//! # }
//! ```
//!
//! Queue consumers write a function of one message instead, and [`each_message`] does the rest:
//!
//! ```no_run
//! # async fn run(tracer: opentelemetry_sdk::trace::SdkTracer) -> Result<(), lambda_runtime::Error> {
//! use baton_propagators::lambda::{SqsMessage, TraceLayer, each_message};
//! use lambda_runtime::Runtime;
//!
//! async fn ship(message: SqsMessage) -> Result<(), lambda_runtime::Error> {
//!     let order: serde_json::Value = message.json()?;
//!     Ok(())
//! }
//!
//! let flush = || async { /* export what is buffered */ };
//! Runtime::new(each_message(ship)).layer(TraceLayer::new(tracer, flush)).run().await
//! # }
//! ```
//!
//! # Who does what
//! - [`TraceLayer`] sees the raw event: it extracts the context, starts and ends the invocation span, makes it current, and
//!   calls the flush function after the response was posted and before the next event is asked for. It cannot see the
//!   handler's result, since the runtime posts that inside of it.
//! - [`traced`] sees the result: it puts errors, panics, the HTTP status and the messages listed in `batchItemFailures` on
//!   the spans, and passes everything on unchanged. Without the layer it does nothing. When the runtime never calls it, the
//!   event was not of the handler's type: the span tells that too.
//! - [`each_message`] runs each message under its own span; [`message_context`] and [`message_context_at`] are for
//!   handlers that loop themselves, over SQS or any other source of records.
//!
//! # Layer order
//! Layers added to the runtime later run earlier. Add [`TraceLayer`] last, so that its span covers the others.
//!
//! # Does not
//! - change, delay or fail an invocation; the flush function alone decides how long a flush may take, so give its exporter
//!   a timeout;
//! - reach into `tokio::spawn`: a spawned task needs `.with_current_context()`, as always with OpenTelemetry;
//! - read the environment.

mod each_message;
mod failure;
mod future;
mod invocation;
mod layer;
mod message;
mod messages;
mod peek;
mod service;
mod traced;

pub use each_message::{EachMessage, each_message};
pub use future::TraceFuture;
pub use invocation::{message_context, message_context_at};
pub use layer::TraceLayer;
pub use message::{BatchItemFailure, BatchResponse, SqsAttribute, SqsBatch, SqsMessage};
pub use service::TraceService;
pub use traced::{Traced, TracedFuture, traced};
