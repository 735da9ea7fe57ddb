//! The Lambda extension beside a function: it makes the spans of invocations, takes the function's own over loopback, holds
//! them in bounded memory, and sends them on after each invocation and at shutdown.
//!
//! ```text
//!  runtime ──> proxy ──> Lambda's Runtime API       function's SDK ──> receive ─┐
//!                └──> invocations (event, answer) ──> span ─────────────────────┴─> Buffer ──> export
//!  Telemetry API ──────────┘
//! ```
//!
//! [`run`] waits for the Extensions API and the Telemetry API in one loop. `proxy` moves bytes and knows no spans; `invocations`
//! makes spans and knows no HTTP.
//!
//! It does not change a function's answer, and a broken receiver costs a bounded time that [`budget`] states. It does not decode
//! the function's spans, sample them, or write to disk.
//!
//! **Invariant:** a request that may have reached the receiver is never altered: its bytes are frozen before the first attempt, so
//! that a receiver can tell a retry by the digest of its body.

mod answer;
pub mod budget;
mod buffer;
mod command_line;
mod config;
mod export;
mod extensions_api;
mod invocations;
mod lifecycle;
mod log;
mod names;
mod otlp;
mod proxy;
mod receive;
mod sampler;
mod span;
mod telemetry;

pub use buffer::{Accepted, Buffer, Counts, Request};
pub use command_line::{Command, help};
pub use config::{
    Complaint, Compression, Config, Initialization, Target, TargetError, Tracing, VARIABLES,
    Variable,
};
pub use export::retry::{Attempt, Next, decide};
pub use export::{Exporter, Urgency};
pub use extensions_api::{ApiError, Event, ExtensionsApi};
pub use invocations::{Failure, HandOn, Invocations};
pub use lifecycle::{RunError, run};
pub use log::start_logging;
pub use otlp::{Malformed, Signal, count_items};
pub use proxy::ping;
pub use sampler::Sampler;
pub use span::{About, Resource};
pub use telemetry::{Delivery, Kind, Metrics, Record, Status, parse_records};
