//! What the environment asks for. `from_env` collects, `parse` decides: nothing else here knows a variable's name.

mod complaint;
mod headers;
mod own_spans;
mod resource_attributes;
mod target;
mod variables;

use std::collections::HashMap;
use std::net::SocketAddr;

use reqwest::header::HeaderMap;
use tracing::level_filters::LevelFilter;

pub use complaint::Complaint;
pub use own_spans::{Initialization, Tracing};
pub use target::{Target, TargetError};
pub use variables::{VARIABLES, Variable};

use variables::{
    BUFFER_BYTES, EXPORT, EXPORT_COMPRESSION, EXPORT_HEADERS, LOG, LOG_STREAM, OTLP_HTTP, PROXY,
    RUNTIME_API, STORE, TELEMETRY,
};

/// How export bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip, which every OTLP receiver takes.
    Gzip,
    /// As they are.
    None,
}

/// The effective configuration. There is always one: a value that cannot be used is a [`Complaint`] and the default.
#[derive(Debug, Clone)]
pub struct Config {
    /// `HOST:PORT` of Lambda's APIs.
    pub runtime_api: Option<String>,
    /// Whether this is the ingest function, which is not traced.
    pub is_ingest: bool,
    /// Where spans go; without one they are counted and dropped.
    pub target: Option<Target>,
    /// Headers for the target.
    pub headers: HeaderMap,
    /// Compression towards the target.
    pub compression: Compression,
    /// Bytes of spans held at most.
    pub buffer_bytes: usize,
    /// Listener for the function's spans.
    pub otlp_http: SocketAddr,
    /// Listener for the Telemetry API.
    pub telemetry: SocketAddr,
    /// Listener for the runtime's calls.
    pub proxy: SocketAddr,
    /// How the layer's own spans are made.
    pub tracing: Tracing,
    /// The log stream; only the runtime's process has it.
    pub log_stream: Option<String>,
    /// Lines up to this level are logged.
    pub log: LevelFilter,
}

const MIN_BUFFER_BYTES: usize = 64 * 1024;
const MAX_BUFFER_BYTES: usize = 1024 * 1024 * 1024;

impl Config {
    /// Reads the process's environment.
    #[must_use]
    pub fn from_env() -> (Self, Vec<Complaint>) {
        // `vars` panics on text that is no UTF-8; no variable of ours is any.
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::parse(&variables)
    }

    /// Decides what `variables` mean, and what is wrong with them.
    ///
    /// ```
    /// use baton_lambda_layer::Config;
    /// let variables = [("BATON_EXPORT".to_owned(), "htp:/x".to_owned())].into();
    /// let (config, complaints) = Config::parse(&variables);
    /// assert!(config.target.is_none());
    /// assert!(complaints[0].to_string().starts_with("`BATON_EXPORT` is `htp:/x`: expected "));
    /// ```
    #[must_use]
    pub fn parse(variables: &HashMap<String, String>) -> (Self, Vec<Complaint>) {
        let mut given = Given {
            variables,
            complaints: Vec::new(),
        };
        let is_ingest = given.get(STORE).is_some();
        let otlp_http = given.value(OTLP_HTTP, "a loopback `IP:PORT`", loopback);
        let config = Self {
            runtime_api: given.get(RUNTIME_API).map(str::to_owned),
            is_ingest,
            // The ingest function exports nothing: nothing to say about a target there.
            target: if is_ingest {
                None
            } else {
                given.target(otlp_http)
            },
            headers: given.headers(),
            compression: given.value(EXPORT_COMPRESSION, "`gzip` or `none`", compression),
            buffer_bytes: given.value(
                BUFFER_BYTES,
                "a number of bytes from 65536 to 1073741824",
                buffer_bytes,
            ),
            otlp_http,
            telemetry: given.value(TELEMETRY, "`IP:PORT`", |value| value.parse().ok()),
            proxy: given.value(PROXY, "a loopback `IP:PORT`", loopback),
            tracing: own_spans::parse(&mut given),
            log_stream: given.get(LOG_STREAM).map(str::to_owned),
            log: given.value(
                LOG,
                "`off`, `error`, `warn`, `info`, `debug` or `trace`",
                |value| value.parse().ok(),
            ),
        };
        (config, given.complaints)
    }
}

struct Given<'a> {
    variables: &'a HashMap<String, String>,
    complaints: Vec<Complaint>,
}

impl<'a> Given<'a> {
    /// A variable that is set and not blank: consoles and templates leave empty ones behind.
    fn get(&self, name: &str) -> Option<&'a str> {
        let value = self.variables.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    fn value<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> T {
        let default = VARIABLES
            .iter()
            .find(|variable| variable.name == name)
            .map_or("", |variable| variable.default);
        if let Some(value) = self.get(name) {
            if let Some(parsed) = parse(value) {
                return parsed;
            }
            self.complaints.push(Complaint::Value {
                name,
                value: value.to_owned(),
                expected,
                default,
            });
        }
        #[expect(clippy::expect_used, reason = "a test parses every default")]
        parse(default).expect("the default of a variable parses")
    }

    fn target(&mut self, own_listener: SocketAddr) -> Option<Target> {
        let Some(value) = self.get(EXPORT) else {
            self.complaints.push(Complaint::NoTarget);
            return None;
        };
        match Target::parse(value) {
            Ok(target) if target.leads_to(own_listener) => {
                self.complaints.push(Complaint::Circle { target });
                None
            }
            Ok(target) => Some(target),
            Err(error) => {
                self.complaints.push(Complaint::Target(error));
                None
            }
        }
    }

    fn headers(&mut self) -> HeaderMap {
        let (headers, complaints) = headers::parse(self.get(EXPORT_HEADERS).unwrap_or_default());
        self.complaints.extend(complaints);
        headers
    }
}

fn compression(value: &str) -> Option<Compression> {
    match value {
        "gzip" => Some(Compression::Gzip),
        "none" => Some(Compression::None),
        _ => None,
    }
}

fn buffer_bytes(value: &str) -> Option<usize> {
    let bytes = value.parse().ok()?;
    (MIN_BUFFER_BYTES..=MAX_BUFFER_BYTES)
        .contains(&bytes)
        .then_some(bytes)
}

// Spans of a function are nobody else's: the receiver has no authentication.
fn loopback(value: &str) -> Option<SocketAddr> {
    let address: SocketAddr = value.parse().ok()?;
    address.ip().is_loopback().then_some(address)
}

#[cfg(test)]
mod tests;
