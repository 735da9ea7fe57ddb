//! Functions, extensions and their limits with real processes: small clients in Python that know nothing but the APIs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test may fail, and its events are literals"
)]

mod bed;
mod doors;
mod environment_variables;
mod extensions;
mod fake_sqs;
mod faults;
mod freezing;
mod init;
mod invocations;
mod managed_instances;
mod pool;
mod queues;
mod snap_start;
mod streams;
mod telemetry;
