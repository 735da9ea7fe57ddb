//! The library against the real `lambda_runtime` and the real `aws-sdk-sqs`, with servers of our own at the other end.

#[cfg(test)]
mod consumer;
#[cfg(test)]
mod described;
#[cfg(test)]
mod function;
#[cfg(test)]
mod http_client;
#[cfg(test)]
mod invocation;
#[cfg(test)]
mod kafka_and_amqp;
#[cfg(test)]
mod otel_propagator;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod runtime_api;
#[cfg(test)]
mod sql;
#[cfg(test)]
mod sqs_send;
