//! End-to-end tests: real processes, real servers, one behaviour per file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

mod harness;

mod checkout_counts;
mod checkout_ingest_killed;
mod checkout_python;
mod checkout_run;
mod checkout_workflow;
mod layer_emulator;
mod layer_matrix;
mod layer_package;
mod layer_stack;
mod layer_workflow;
mod local_lambda_async;
mod local_lambda_boto3;
mod local_lambda_cli;
mod local_lambda_function_url;
mod local_lambda_node;
mod local_lambda_python;
mod local_lambda_relays;
mod local_lambda_sqs_concurrency;
mod local_lambda_sqs_event;
mod local_lambda_sqs_fifo;
mod local_lambda_sqs_function_errors;
mod local_lambda_sqs_missing_queue;
mod local_lambda_sqs_partial_failures;
mod local_lambda_sqs_throttled;
mod local_lambda_sqs_window;
mod local_lambda_streaming;
mod otel_batches;
mod otel_functions;
mod otel_publishes;
mod otel_receives;
mod otel_sends;
mod other_languages;
mod rust_function_beside_layer;
mod sqs_consumer_drain;
mod sqs_consumer_fifo_order;
mod sqs_consumer_heartbeat;
mod sqs_consumer_killed;
mod sqs_consumer_poison;
mod sqs_consumer_ten_thousand;
