//! SQS: the interceptor for what is sent, and with the feature `consumer` a loop for workers outside Lambda.
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
//! [`send`](crate::send) has what the interceptor does, with all the services that it knows.

#[cfg(feature = "consumer")]
mod consumer;

pub use crate::send::TraceInterceptor;
#[cfg(feature = "consumer")]
pub use consumer::{Consumer, ConsumerBuilder, Report, Retry};
