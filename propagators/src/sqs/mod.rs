//! Spans and context for every message that `aws-sdk-sqs` sends.
//!
//! One line where the client is built; no call site changes:
//!
//! ```
//! use baton_propagators::sqs::TraceInterceptor;
//!
//! let config = aws_sdk_sqs::Config::builder()
//!     .interceptor(TraceInterceptor::new(opentelemetry::global::tracer("order-api")))
//!     .build();
//! assert_eq!(config.interceptors().count(), 1);
//! ```
//!
//! # What a send becomes
//! A span `send {queue}` under the current context, PRODUCER, from before the request is built until the response or the
//! error is there. Retries by the SDK stay inside of it. `SendMessageBatch` is one span, and every entry carries its context.
//!
//! # Where the context goes
//! 1. A message that has a `traceparent` attribute already keeps it: the sender chose its parent. The span is a CLIENT span
//!    then, since nobody continues it.
//! 2. Into the message attributes `traceparent` and `tracestate`, while there are fewer than ten attributes and the
//!    message does not grow over a limit of SQS (256 KiB, 1 MiB).
//! 3. Else into the system attribute `AWSTraceHeader`, which counts neither against the ten nor against the size.
//! 4. If that is taken too, nowhere: the message goes out as it is, [`TraceInterceptor::left_out`] counts it, and the first
//!    one is logged.
//!
//! # Does not
//! - touch `ReceiveMessage`: asking for more attributes would change what the caller sees. Ask for
//!   `message_attribute_names("All")` yourself and read with [`MessageAttributes`](crate::carrier::MessageAttributes). Lambda
//!   always asks;
//! - touch bodies, so that content-based deduplication of FIFO queues works as before.

#[cfg(feature = "consumer")]
mod consumer;
mod inject;
mod interceptor;
mod send;

#[cfg(feature = "consumer")]
pub use consumer::{Consumer, ConsumerBuilder, Report, Retry};
pub use interceptor::TraceInterceptor;
