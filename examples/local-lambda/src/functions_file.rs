//! The functions file: [`Config`] in TOML.
//!
//! Unknown keys are refused: a misspelt limit that is silently ignored costs an afternoon. Relative paths
//! are relative to the file, so that the file can be run from anywhere.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::config::{
    Config, ConfigError, DEFAULT_INVOKE_PORT, FunctionConfig, Initialization, Relay, SqsMapping,
};
use crate::duration::parse_duration;

/// Why a functions file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FunctionsFileError {
    /// The file cannot be read.
    #[error("cannot read the functions file `{}`, expected TOML as `local-lambda run --help` shows it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML, or has keys or values that are not known.
    #[error("cannot use the functions file `{}`, expected TOML as `local-lambda run --help` shows it", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A setting is out of Lambda's limits.
    #[error("cannot use the functions file `{}`", path.display())]
    Limit {
        /// The file.
        path: PathBuf,
        /// Which one.
        source: ConfigError,
    },
}

impl Config {
    /// Reads a functions file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no TOML, has an unknown key, or a value out of Lambda's limits.
    pub fn from_file(path: &Path) -> Result<Self, FunctionsFileError> {
        let unreadable = |source| FunctionsFileError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        // A function's working directory is not ours, so its paths must not depend on ours.
        let absolute = std::path::absolute(path).map_err(unreadable)?;
        Self::from_toml(&text, &absolute)
    }

    /// Reads the text of a functions file that lies at `path`.
    ///
    /// ```
    /// use std::path::Path;
    /// use local_lambda::Config;
    ///
    /// let text = "[[function]]\nname = 'hello'\ncommand = ['./bootstrap']\ntimeout = '3s'\n";
    /// let config = Config::from_toml(text, Path::new("/app/functions.toml"))?;
    /// assert_eq!(config.functions[0].command, ["/app/./bootstrap"]);
    /// # Ok::<(), local_lambda::FunctionsFileError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Config::from_file`], but for reading.
    pub fn from_toml(text: &str, path: &Path) -> Result<Self, FunctionsFileError> {
        let file: File = toml::from_str(text).map_err(|source| FunctionsFileError::Invalid {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let config = file.into_config(path.parent().unwrap_or(Path::new("")));
        config.check().map_err(|source| FunctionsFileError::Limit {
            path: path.to_owned(),
            source,
        })?;
        Ok(config)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    region: Option<String>,
    account_id: Option<String>,
    sqs_endpoint: Option<String>,
    log_dir: Option<PathBuf>,
    #[serde(default, deserialize_with = "optional_duration")]
    idle_timeout: Option<Duration>,
    #[serde(default, rename = "function")]
    functions: Vec<FunctionTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionTable {
    name: String,
    command: Vec<String>,
    handler: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    task_root: Option<PathBuf>,
    opt: Option<PathBuf>,
    memory_mb: Option<u32>,
    #[serde(default, deserialize_with = "optional_duration")]
    timeout: Option<Duration>,
    #[serde(default, deserialize_with = "optional_duration")]
    init_timeout: Option<Duration>,
    concurrency: Option<usize>,
    #[serde(default)]
    snap_start: bool,
    managed_instances: Option<u32>,
    #[serde(default)]
    function_url: bool,
    function_url_port: Option<u16>,
    #[serde(default)]
    response_stream: bool,
    #[serde(default)]
    sqs: Vec<SqsTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SqsTable {
    queue_url: String,
    batch_size: Option<u32>,
    #[serde(default, deserialize_with = "optional_duration")]
    window: Option<Duration>,
    #[serde(default)]
    report_batch_item_failures: bool,
    maximum_concurrency: Option<u32>,
    #[serde(default)]
    relay: Option<RelayName>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum RelayName {
    Sns,
    EventBridge,
}

fn optional_duration<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(input)?;
    parse_duration(&text).map(Some).map_err(D::Error::custom)
}

// === impl File ===

impl File {
    fn into_config(self, folder: &Path) -> Config {
        let default = Config::default();
        Config {
            functions: self
                .functions
                .into_iter()
                .map(|table| table.into_config(folder))
                .collect(),
            listen: self
                .listen
                .unwrap_or(SocketAddr::new(default.listen.ip(), DEFAULT_INVOKE_PORT)),
            region: self.region.unwrap_or(default.region),
            account_id: self.account_id.unwrap_or(default.account_id),
            sqs_endpoint: self.sqs_endpoint,
            log_dir: self.log_dir.map(|dir| folder.join(dir)),
            idle_timeout: self.idle_timeout.unwrap_or(default.idle_timeout),
        }
    }
}

// === impl FunctionTable ===

impl FunctionTable {
    fn into_config(self, folder: &Path) -> FunctionConfig {
        let default = FunctionConfig::new(self.name, in_folder(self.command, folder));
        FunctionConfig {
            handler: self.handler.unwrap_or(default.handler),
            env: self.env,
            task_root: self.task_root.map(|dir| folder.join(dir)),
            opt: self.opt.map(|dir| folder.join(dir)),
            memory_mb: self.memory_mb.unwrap_or(default.memory_mb),
            timeout: self.timeout.unwrap_or(default.timeout),
            init_timeout: self.init_timeout.unwrap_or(default.init_timeout),
            concurrency: self.concurrency.unwrap_or(default.concurrency),
            initialization: Initialization::of(self.snap_start, self.managed_instances),
            function_url: self.function_url || self.function_url_port.is_some(),
            function_url_port: self.function_url_port,
            response_stream: self.response_stream,
            sqs: self.sqs.into_iter().map(SqsTable::into_mapping).collect(),
            ..default
        }
    }
}

/// A program that is named with a folder is found from the file's folder; a bare name is looked up in `PATH`.
fn in_folder(mut command: Vec<String>, folder: &Path) -> Vec<String> {
    if let Some(program) = command.first_mut().filter(|program| program.contains('/')) {
        *program = folder.join(&*program).to_string_lossy().into_owned();
    }
    command
}

// === impl SqsTable ===

impl SqsTable {
    fn into_mapping(self) -> SqsMapping {
        let default = SqsMapping::new(self.queue_url);
        SqsMapping {
            batch_size: self.batch_size.unwrap_or(default.batch_size),
            window: self.window.unwrap_or(default.window),
            report_batch_item_failures: self.report_batch_item_failures,
            maximum_concurrency: self.maximum_concurrency,
            relay: match self.relay {
                None => Relay::None,
                Some(RelayName::Sns) => Relay::Sns,
                Some(RelayName::EventBridge) => Relay::EventBridge,
            },
            ..default
        }
    }
}

#[cfg(test)]
mod tests;
