//! Lambda on a laptop.
//!
//! Each execution environment is a group of real processes with a loopback address of its own, where it finds the Runtime,
//! Extensions and Telemetry APIs. Between invocations the whole group is stopped with `SIGSTOP`, as Lambda freezes it.

mod address;
mod api;
mod body;
mod clock;
mod config;
mod duration;
mod environment;
mod events;
mod front;
mod function;
mod functions_file;
mod host;
mod invocation;
mod lifecycle;
mod local;
mod platform;
mod sandbox;
mod sources;
mod stream;
mod telemetry;
mod tls;

pub use address::{Addresses, RUNTIME_API_PORT};
pub use config::{
    Config, ConfigError, DEFAULT_INVOKE_PORT, FunctionConfig, Initialization, Relay, SqsMapping,
};
pub use duration::parse_duration;
pub use environment::{EnvironmentState, EnvironmentStatus};
pub use events::{EventLog, PlatformEvent};
pub use function::Function;
pub use functions_file::FunctionsFileError;
pub use invocation::{
    FaultKind, FunctionError, InvokeError, InvokeOutput, InvokeRequest, MAX_PAYLOAD_BYTES,
};
pub use local::{LocalLambda, StartError};
pub use platform::Platform;
pub use sources::sqs::QueueError;
pub use stream::{AnswerStream, StreamPart};
