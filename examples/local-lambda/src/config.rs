//! What a local Lambda runs: functions, their limits and where their events come from.
//!
//! The structs are plain values; `limits.rs` checks them, `functions_file.rs` and `cli.rs` read them from TOML and from
//! the command line.

mod initialization;
mod limits;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use initialization::Initialization;
pub use limits::ConfigError;

/// The port of the Invoke API in files and on the command line; AWS SAM uses the same.
pub const DEFAULT_INVOKE_PORT: u16 = 3001;

/// One function and everything Lambda would know about it.
///
/// ```
/// use local_lambda::FunctionConfig;
///
/// let function = FunctionConfig::new("hello", ["./bootstrap"]);
/// assert_eq!(function.memory_mb, 512);
/// assert_eq!(function.timeout.as_secs(), 30);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionConfig {
    /// The function's name: letters, digits, `-` and `_`, at most 64.
    pub name: String,
    /// The runtime's program and its arguments (what a deployment package calls `bootstrap`).
    pub command: Vec<String>,
    /// `_HANDLER`.
    pub handler: String,
    /// The function's own environment variables.
    pub env: BTreeMap<String, String>,
    /// Working directory and `LAMBDA_TASK_ROOT`; the current directory when absent.
    pub task_root: Option<PathBuf>,
    /// Stands for `/opt`: `extensions/*` are started, `AWS_LAMBDA_EXEC_WRAPPER=/opt/x` means `OPT/x`.
    pub opt: Option<PathBuf>,
    /// Memory of one environment in MiB.
    pub memory_mb: u32,
    /// Longest invocation.
    pub timeout: Duration,
    /// Longest initialisation.
    pub init_timeout: Duration,
    /// Most environments at once.
    pub concurrency: usize,
    /// How environments start, and how many invocations run in one.
    pub initialization: Initialization,
    /// Whether the function has a Function URL.
    pub function_url: bool,
    /// The port of the Function URL; a free one when absent.
    pub function_url_port: Option<u16>,
    /// Whether the Function URL hands on a streamed answer while it comes: the invoke mode `RESPONSE_STREAM`.
    pub response_stream: bool,
    /// The queues whose messages the function receives.
    pub sqs: Vec<SqsMapping>,
}

/// One SQS event source mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqsMapping {
    /// The queue's URL.
    pub queue_url: String,
    /// Most messages of one invocation, 1 to 10 000.
    pub batch_size: u32,
    /// How long messages are collected for one invocation; zero hands on what one receive brought.
    pub window: Duration,
    /// Whether the function's answer names the messages that failed (`ReportBatchItemFailures`).
    pub report_batch_item_failures: bool,
    /// Most invocations of this mapping at once, 2 to 1 000; the function's own concurrency when absent.
    pub maximum_concurrency: Option<u32>,
    /// Whether the queue stands for a topic or an event bus that invokes the function.
    pub relay: Relay,
}

/// What the messages of a queue become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relay {
    /// The event of the queue itself.
    #[default]
    None,
    /// The queue is subscribed to a topic, without raw delivery: each message becomes the event that SNS sends to a function.
    Sns,
    /// The queue is the target of a rule: each message is the event itself.
    EventBridge,
}

/// Everything one local Lambda runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The functions.
    pub functions: Vec<FunctionConfig>,
    /// Where the Invoke API listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// `AWS_REGION` of the functions.
    pub region: String,
    /// The account in the functions' ARNs.
    pub account_id: String,
    /// The SQS endpoint of all mappings; each queue URL's own host when absent.
    pub sqs_endpoint: Option<String>,
    /// Where the output of environments goes: `LOGDIR/<function>/<environment>.log`.
    pub log_dir: Option<PathBuf>,
    /// An environment that is idle for so long is shut down.
    pub idle_timeout: Duration,
}

// === impl FunctionConfig ===

impl FunctionConfig {
    /// A function with the default limits and no event sources.
    pub fn new<S: Into<String>>(
        name: impl Into<String>,
        command: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            name: name.into(),
            command: command.into_iter().map(Into::into).collect(),
            handler: "handler".to_owned(),
            env: BTreeMap::new(),
            task_root: None,
            opt: None,
            memory_mb: 512,
            timeout: Duration::from_secs(30),
            init_timeout: Duration::from_secs(10),
            concurrency: 10,
            initialization: Initialization::OnDemand,
            function_url: false,
            function_url_port: None,
            response_stream: false,
            sqs: Vec::new(),
        }
    }
}

// === impl SqsMapping ===

impl SqsMapping {
    /// A mapping with Lambda's defaults: batches of up to ten, no window, no partial batch responses.
    pub fn new(queue_url: impl Into<String>) -> Self {
        Self {
            queue_url: queue_url.into(),
            batch_size: 10,
            window: Duration::ZERO,
            report_batch_item_failures: false,
            maximum_concurrency: None,
            relay: Relay::None,
        }
    }

    /// Whether the queue keeps the order of its message groups.
    pub fn is_fifo(&self) -> bool {
        self.queue_url.ends_with(".fifo")
    }
}

// === impl Config ===

impl Default for Config {
    fn default() -> Self {
        Self {
            functions: Vec::new(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            sqs_endpoint: None,
            log_dir: None,
            idle_timeout: Duration::from_secs(300),
        }
    }
}

impl Config {
    /// A configuration with these functions and defaults for the rest.
    pub fn new(functions: impl IntoIterator<Item = FunctionConfig>) -> Self {
        Self {
            functions: functions.into_iter().collect(),
            ..Self::default()
        }
    }
}
