//! The Lambda extension beside a function: it takes the function's spans over loopback, holds them in bounded memory, and
//! sends them on after each invocation and at shutdown.
//!
//! A span's way: [`receive`](Buffer::accept) → [`Buffer`] → [`Exporter::flush`], driven by [`run`], which waits for the
//! Extensions API and the Telemetry API in one loop.
//!
//! It does not change a function's answer, and a broken receiver costs a bounded time that [`budget`] states. It does not decode
//! spans, sample them, make its own, or write to disk.
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
mod lifecycle;
mod log;
mod otlp;
mod receive;
mod telemetry;

pub use buffer::{Accepted, Buffer, Counts, Request};
pub use command_line::{Command, help};
pub use config::{Complaint, Compression, Config, Target, TargetError, VARIABLES, Variable};
pub use export::retry::{Attempt, Next, decide};
pub use export::{Exporter, Urgency};
pub use extensions_api::{ApiError, Event, ExtensionsApi};
pub use lifecycle::{RunError, run};
pub use log::start_logging;
pub use otlp::{Malformed, Signal, count_items};
pub use telemetry::{InvocationEnd, parse_records};
