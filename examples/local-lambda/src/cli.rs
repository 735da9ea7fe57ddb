//! The command line.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use local_lambda::{
    Config, DEFAULT_INVOKE_PORT, FunctionConfig, Initialization, Relay, SqsMapping, parse_duration,
};

/// Where `run` listens and `invoke` calls unless told otherwise.
const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), DEFAULT_INVOKE_PORT);

const EXAMPLES: &str = "\
Examples:
  One function, invoked from another terminal:
    local-lambda run --name hello -- ./target/debug/hello
    local-lambda invoke hello '{\"name\":\"Ada\"}'

  A Python handler behind an HTTP address, with a layer:
    local-lambda run --name api --handler app.handler --opt ./layer --url 8080 -- python3 -m awslambdaric app.handler

  A consumer of a queue, in batches, that reports the messages that failed:
    local-lambda run --name mail --sqs http://127.0.0.1:4566/000000000000/mail,batch=100,window=1s,report -- ./mail

  Many functions from a file:
    local-lambda run --functions functions.toml --logs logs";

const RUN_HELP: &str = r#"A functions file:
  region = "us-east-1"                         # all of these have defaults
  account_id = "000000000000"
  listen = "127.0.0.1:3001"
  sqs_endpoint = "http://127.0.0.1:4566"       # default: the host of each queue URL
  log_dir = "logs"
  idle_timeout = "5m"

  [[function]]
  name = "orders"
  command = ["./target/debug/orders"]          # paths are relative to the file
  handler = "handler"
  env = { RUST_LOG = "info" }
  opt = "layer"                                # stands for /opt
  memory_mb = 512
  timeout = "30s"
  init_timeout = "10s"
  concurrency = 10
  snap_start = false                           # freeze after init, restore for the first invocation
  managed_instances = 4                        # instead: one environment, 4 invocations in it at once
  function_url_port = 8080                     # or function_url = true for a free port
  response_stream = false                      # true: the URL hands on a streamed answer while it comes

  [[function.sqs]]
  queue_url = "http://127.0.0.1:4566/000000000000/orders"
  batch_size = 10
  window = "0s"
  report_batch_item_failures = true
  maximum_concurrency = 5
  relay = "sns"                                # or "eventbridge": the queue stands for a topic or a bus (default: neither)

Ctrl-C stops the polling, lets batches in flight finish and shuts the environments down;
a second one does not wait for the batches."#;

/// Lambda on a laptop: runs functions as Lambda does, freezes them between invocations, and feeds them from HTTP and SQS.
#[derive(Debug, Parser)]
#[command(name = "local-lambda", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// What is logged to standard error: error, warn, info, debug
    #[arg(
        long,
        global = true,
        env = "LOCAL_LAMBDA_LOG",
        default_value = "warn",
        value_name = "LEVEL"
    )]
    pub(crate) log_level: tracing::Level,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run functions until Ctrl-C
    #[command(after_help = RUN_HELP)]
    Run(Box<RunArgs>),
    /// Invoke a function that `run` runs, and print its answer
    Invoke(InvokeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The functions, in TOML (see below)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "command"])]
    functions: Option<PathBuf>,
    /// Where the Invoke API listens; port 0 picks a free one [default: 127.0.0.1:3001]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Write the output of environments to DIR/FUNCTION/ENVIRONMENT.log; without it `--log-level info` shows it
    #[arg(long, value_name = "DIR")]
    logs: Option<PathBuf>,
    /// Append the platform's records to FILE, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// The SQS endpoint of all queues [default: the host of each queue URL]
    #[arg(long, value_name = "URL")]
    sqs_endpoint: Option<String>,
    /// The region of the functions [default: us-east-1]
    #[arg(long)]
    region: Option<String>,
    /// One function without a file: its name
    #[arg(long, required_unless_present = "functions")]
    name: Option<String>,
    #[command(flatten)]
    one: OneFunction,
}

/// The flags of a function without a file.
#[derive(Debug, Args)]
#[command(next_help_heading = "One function")]
struct OneFunction {
    /// The folder that stands for /opt: its extensions/* are started with the function
    #[arg(long, value_name = "DIR", conflicts_with = "functions")]
    opt: Option<PathBuf>,
    /// What the runtime finds in _HANDLER
    #[arg(long, conflicts_with = "functions")]
    handler: Option<String>,
    /// An environment variable of the function; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_variable, conflicts_with = "functions")]
    env: Vec<(String, String)>,
    /// Memory of one environment in MiB [default: 512]
    #[arg(long, value_name = "MB", conflicts_with = "functions")]
    memory: Option<u32>,
    /// Longest invocation [default: 30s]
    #[arg(long, value_parser = parse_duration, conflicts_with = "functions")]
    timeout: Option<Duration>,
    /// Most environments at once [default: 10]
    #[arg(long, value_name = "N", conflicts_with = "functions")]
    concurrency: Option<usize>,
    /// Freeze each environment after its init and restore it for its first invocation
    #[arg(long, conflicts_with_all = ["functions", "managed_instances"])]
    snap_start: bool,
    /// Lambda Managed Instances: one environment, never frozen, with N invocations at once
    #[arg(long, value_name = "N", conflicts_with = "functions")]
    managed_instances: Option<u32>,
    /// Give the function a URL, on this port or a free one
    #[arg(long, value_name = "PORT", num_args = 0..=1, conflicts_with = "functions")]
    url: Option<Option<u16>>,
    /// The URL hands on a streamed answer while it comes
    #[arg(long, requires = "url", conflicts_with = "functions")]
    response_stream: bool,
    /// A queue whose messages the function receives; may be repeated.
    /// Settings after commas: batch=10, window=1s, report, concurrency=5; sns or eventbridge, when the queue stands for a topic or a
    /// bus that invokes the function
    #[arg(long, value_name = "QUEUE_URL[,batch=N,window=TIME,report,concurrency=N,sns,eventbridge]", value_parser = parse_mapping, conflicts_with = "functions")]
    sqs: Vec<SqsMapping>,
    /// The runtime's program and its arguments
    #[arg(
        last = true,
        required_unless_present = "functions",
        value_name = "COMMAND"
    )]
    command: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    /// The function's name or ARN
    pub(crate) name: String,
    /// The event as JSON, or - to read it from standard input
    #[arg(default_value = "{}", value_name = "PAYLOAD|-")]
    pub(crate) payload: String,
    /// The Invoke API
    #[arg(long, env = "AWS_ENDPOINT_URL_LAMBDA", default_value_t = format!("http://{DEFAULT_LISTEN}"), value_name = "URL")]
    pub(crate) endpoint: String,
    /// Queue the event and do not wait for the function
    #[arg(long)]
    pub(crate) event: bool,
    /// Print the end of the function's log to standard error
    #[arg(long, conflicts_with = "event")]
    pub(crate) log: bool,
}

// === impl RunArgs ===

impl RunArgs {
    /// The configuration that the flags and the file describe.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        let mut config = match &self.functions {
            Some(file) => Config::from_file(file)?,
            None => Config {
                listen: DEFAULT_LISTEN,
                ..Config::new([self.function()?])
            },
        };
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if let Some(logs) = &self.logs {
            config.log_dir = Some(absolute(logs)?);
        }
        if let Some(endpoint) = &self.sqs_endpoint {
            config.sqs_endpoint = Some(endpoint.clone());
        }
        if let Some(region) = &self.region {
            config.region.clone_from(region);
        }
        config.check()?;
        Ok(config)
    }

    fn function(&self) -> anyhow::Result<FunctionConfig> {
        let one = &self.one;
        let mut command = one.command.clone();
        if let Some(program) = command.first_mut().filter(|program| program.contains('/')) {
            *program = absolute(Path::new(&*program))?
                .to_string_lossy()
                .into_owned();
        }
        let default = FunctionConfig::new(self.name.clone().unwrap_or_default(), command);
        Ok(FunctionConfig {
            handler: one.handler.clone().unwrap_or(default.handler),
            env: one.env.iter().cloned().collect::<BTreeMap<_, _>>(),
            opt: one.opt.as_deref().map(absolute).transpose()?,
            memory_mb: one.memory.unwrap_or(default.memory_mb),
            timeout: one.timeout.unwrap_or(default.timeout),
            concurrency: one.concurrency.unwrap_or(default.concurrency),
            initialization: Initialization::of(one.snap_start, one.managed_instances),
            response_stream: one.response_stream,
            function_url: one.url.is_some(),
            function_url_port: one.url.flatten(),
            sqs: one.sqs.clone(),
            ..default
        })
    }
}

/// A function's working directory is not ours, so its paths must not depend on ours.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot use the path `{}`", path.display()))
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no variable, expected NAME=VALUE")),
    }
}

fn parse_mapping(text: &str) -> Result<SqsMapping, String> {
    let mut parts = text.split(',');
    let mut mapping = SqsMapping::new(parts.next().unwrap_or_default());
    let number = |key: &str, value: &str| {
        value
            .parse()
            .map_err(|_| format!("`{key}={value}`: expected a number"))
    };
    for part in parts {
        match part.split_once('=').unwrap_or((part, "")) {
            ("batch", value) => mapping.batch_size = number("batch", value)?,
            ("window", value) => mapping.window = parse_duration(value)?,
            ("concurrency", value) => {
                mapping.maximum_concurrency = Some(number("concurrency", value)?)
            }
            ("report", "") => mapping.report_batch_item_failures = true,
            ("sns", "") => mapping.relay = Relay::Sns,
            ("eventbridge", "") => mapping.relay = Relay::EventBridge,
            _ => {
                return Err(format!(
                    "`{part}` is no setting of a queue, expected batch=N, window=TIME, report, sns, eventbridge or concurrency=N"
                ));
            }
        }
    }
    Ok(mapping)
}

#[cfg(test)]
mod tests;
