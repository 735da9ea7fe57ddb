//! Spans and context for everything that the AWS SDK sends.
//!
//! One line where a client is built; no call site changes:
//!
//! ```
//! # #[cfg(feature = "sqs")] {
//! use baton_propagators::send::TraceInterceptor;
//!
//! let tracing = TraceInterceptor::new(opentelemetry::global::tracer("order-api"));
//! let config = aws_sdk_sqs::Config::builder().interceptor(tracing.clone()).build();
//! assert_eq!(config.interceptors().count(), 1);
//! # }
//! ```
//!
//! The interceptor is the same for all clients. It knows the services whose features are on:
//!
//! | feature | requests | the context rides in | span |
//! |---|---|---|---|
//! | `sqs` | `SendMessage`, `SendMessageBatch` | message attributes, `AWSTraceHeader` | `send {queue}` PRODUCER |
//! | `sns` | `Publish`, `PublishBatch` | message attributes, the request's header | `send {topic}` PRODUCER |
//! | `eventbridge` | `PutEvents` | `TraceHeader`; `detail._trace`¹ | `send {bus}` PRODUCER |
//! | `invoke` | Lambda `Invoke`, `InvokeWithResponseStream` | `custom` of the client context, the request's header; `_trace` of an `Event`¹ | `invoke {function}` CLIENT |
//! | `stepfunctions` | `StartExecution`, `StartSyncExecution` | `traceHeader`; `_trace` in the input¹ | `start {machine}` CLIENT |
//! | `kinesis` | `PutRecord`, `PutRecords` | `_trace` in the data¹ | `send {stream}` PRODUCER |
//! | `firehose` | `PutRecord`, `PutRecordBatch` | `_trace` in the data¹ | `send {stream}` PRODUCER |
//! | `dynamodb` | `PutItem`, `UpdateItem` | the attribute `_trace` of the item¹ | `PutItem {table}` PRODUCER |
//!
//! ¹ only [`with_payloads`](TraceInterceptor::with_payloads). The request's header is `X-Amzn-Trace-Id`, which SQS, SNS,
//! EventBridge, Lambda and Step Functions hand on; the first five have it.
//!
//! # What a send becomes
//! A span under the current context, from before the request is built until the response or the error is there. Retries by the
//! SDK stay inside of it. A batch is one span, and every entry carries its context. A span whose context nobody gets is CLIENT.
//! What the SDK returns is never touched.
//!
//! # Where the context goes
//! 1. A message that has a `traceparent`, a `TraceHeader` or a `_trace` already keeps it: the sender chose its parent.
//! 2. `traceparent`, then `tracestate` and `baggage`, as far as there is room: ten attributes, the size of the message, of all
//!    messages of a request, of a client context.
//! 3. The X-Ray header beside it, which counts neither against the ten nor against the size. It keeps the `Lineage` by which
//!    Lambda stops endless loops.
//! 4. If that is taken too, nowhere: the message goes out as it is, [`TraceInterceptor::left_out`] counts it, and the first
//!    one is logged.
//!
//! # Payloads
//! Streams, items, and the rules of EventBridge have no place for a header. There the context can ride in the user's own data:
//!
//! ```json
//! {"order": 7, "_trace": {"traceparent": "00-…-01", "tracestate": "…", "baggage": "…"}}
//! ```
//!
//! Only what is one JSON object gets it; all other bytes stay as they are. It is off because every reader sees it. With it:
//!
//! - the input of an execution that has a name is left alone: the same name with another input would be refused;
//! - the size of an item that is updated is not known here: one within some 200 bytes of 400 KB may be refused;
//! - `ReturnValues` of an update return `_trace` too, and an item keeps it until it is written again.
//!
//! # Does not
//! - touch `ReceiveMessage`: asking for more attributes would change what the caller sees. Ask for
//!   `message_attribute_names("All")` yourself and read with [`carrier::MessageAttributes`](crate::carrier). Lambda always asks;
//! - touch the bodies of messages, so that content-based deduplication of FIFO queues works as before.

// What one service does not need, another does.
macro_rules! shared {
    ($($module:ident)+) => {
        $(
            #[cfg_attr(
                not(feature = "senders"),
                allow(dead_code, unused_imports, unused_macros, reason = "each service needs a part of it")
            )]
            pub(crate) mod $module;
        )+
    };
}

shared! { attributes fields limits operation payload stream subject }

#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "eventbridge")]
mod eventbridge;
#[cfg(feature = "firehose")]
mod firehose;
mod interceptor;
#[cfg(feature = "invoke")]
mod invoke;
#[cfg(feature = "kinesis")]
mod kinesis;
mod sending;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "sqs")]
mod sqs;
#[cfg(feature = "stepfunctions")]
mod step_functions;
#[cfg(feature = "dynamodb")]
mod update_expression;

pub use attributes::MAX_MESSAGE_ATTRIBUTES;
pub use interceptor::TraceInterceptor;
