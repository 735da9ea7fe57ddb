//! Everything of one local Lambda in one value.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::join_all;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::{Config, ConfigError, FunctionConfig};
use crate::events::EventLog;
use crate::front::{Door, function_url, invoke_api};
use crate::function::Function;
use crate::platform::Platform;
use crate::sources::sqs::{Mapping, QueueError};

/// Why a local Lambda did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting is out of Lambda's limits.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An address cannot be listened on.
    #[error(
        "cannot listen on `{address}` for {what}, expected a free port; stop what uses it, or choose port 0 for any free one"
    )]
    Listen {
        /// Which door.
        what: String,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A file or folder that a function needs is not there.
    #[error("function `{function}` has `{field}` = `{}`, expected an existing {expected}; build or create it first", path.display())]
    NotThere {
        /// The function.
        function: String,
        /// The setting.
        field: &'static str,
        /// What it says.
        path: PathBuf,
        /// A file or a folder.
        expected: &'static str,
    },
    /// A mapping's queue cannot be used.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Functions with their doors and queues, running.
///
/// Dropping it closes the doors and stops the polling; only [`shutdown`](Self::shutdown) ends the functions in good order.
///
/// ```
/// use local_lambda::{Config, FunctionConfig, LocalLambda};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let lambda = LocalLambda::start(Config::new([FunctionConfig::new("hello", ["true"])])).await?;
/// assert!(lambda.invoke_url().starts_with("http://127.0.0.1:"));
/// assert!(lambda.function("hello").is_some());
/// assert_eq!(lambda.function_url("hello"), None);
/// lambda.shutdown().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LocalLambda {
    functions: BTreeMap<String, Arc<Function>>,
    invoke: Door,
    urls: BTreeMap<String, Door>,
    mappings: Vec<Mapping>,
    events: EventLog,
    stop: watch::Sender<bool>,
}

// === impl LocalLambda ===

impl LocalLambda {
    /// Checks the configuration, opens the doors and starts to poll the queues. Environments start with their first
    /// invocation.
    ///
    /// # Errors
    ///
    /// When a setting is out of its limits, a port is in use, a file is missing or a queue does not exist. Nothing is left
    /// running then.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        crate::tls::choose_provider();
        config.check()?;
        config.functions.iter().try_for_each(check_files)?;
        let platform = Arc::new(Platform {
            region: config.region.clone(),
            account_id: config.account_id.clone(),
            sqs_endpoint: config.sqs_endpoint.clone(),
            log_dir: config.log_dir.clone(),
            idle_timeout: config.idle_timeout,
            ..Platform::default()
        });
        let functions: BTreeMap<_, _> = config
            .functions
            .iter()
            .map(|function| {
                (
                    function.name.clone(),
                    Function::new(function.clone(), Arc::clone(&platform)),
                )
            })
            .collect();
        let (stop, stopped) = watch::channel(false);
        let listener = listen(config.listen, || "the Invoke API".to_owned()).await?;
        let router = invoke_api::router(&functions, &config.region, &config.account_id, &stopped);
        let invoke = Door::open(listener, router, stopped.clone());
        let mut urls = BTreeMap::new();
        for function in functions
            .values()
            .filter(|function| function.config().function_url)
        {
            urls.insert(
                function.config().name.clone(),
                open_url(function, &config.region, &stopped).await?,
            );
        }
        let mut mappings = Vec::new();
        for function in functions.values() {
            for mapping in &function.config().sqs {
                mappings.push(Mapping::start(mapping, Arc::clone(function), &config).await?);
            }
        }
        Ok(Self {
            functions,
            invoke,
            urls,
            mappings,
            events: platform.events.clone(),
            stop,
        })
    }

    /// The endpoint of the Invoke API, for an SDK's `endpoint_url`.
    pub fn invoke_url(&self) -> String {
        format!("http://{}", self.invoke.address())
    }

    /// The Function URL of a function that has one.
    pub fn function_url(&self, function: &str) -> Option<String> {
        self.urls
            .get(function)
            .map(|door| format!("http://{}/", door.address()))
    }

    /// A function by name.
    pub fn function(&self, name: &str) -> Option<Arc<Function>> {
        self.functions.get(name).cloned()
    }

    /// What the platform recorded about all functions.
    pub fn events(&self) -> EventLog {
        self.events.clone()
    }

    /// No new polls; returns when every batch in flight is settled.
    pub async fn stop_mappings(&self) {
        join_all(self.mappings.iter().map(Mapping::stop)).await;
    }

    /// Stops the mappings, lets their batches finish, and ends every environment: `SHUTDOWN`, at most 2 s, then no
    /// process is left.
    pub async fn shutdown(self) {
        self.stop_mappings().await;
        self.shutdown_now().await;
    }

    /// As [`shutdown`](Self::shutdown), but for batches in flight: their messages come back.
    pub async fn shutdown_now(self) {
        self.stop.send_replace(true);
        join_all(self.functions.values().map(|function| function.shutdown())).await;
    }
}

async fn open_url(
    function: &Arc<Function>,
    region: &str,
    stopped: &watch::Receiver<bool>,
) -> Result<Door, StartError> {
    let config = function.config();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, config.function_url_port.unwrap_or(0)));
    let listener = listen(address, || format!("the URL of function `{}`", config.name)).await?;
    let port = listener
        .local_addr()
        .map_or(address.port(), |bound| bound.port());
    let router = function_url::router(Arc::clone(function), region, port);
    Ok(Door::open(listener, router, stopped.clone()))
}

async fn listen(
    address: SocketAddr,
    what: impl FnOnce() -> String,
) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen {
            what: what(),
            address,
            source,
        })
}

/// What is missing is better said now than at the first invocation.
fn check_files(function: &FunctionConfig) -> Result<(), StartError> {
    let not_there = |field, path: &Path, expected| StartError::NotThere {
        function: function.name.clone(),
        field,
        path: path.to_owned(),
        expected,
    };
    for (field, folder) in [("opt", &function.opt), ("task_root", &function.task_root)] {
        if let Some(folder) = folder.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(not_there(field, folder, "folder"));
        }
    }
    // A bare name is looked up in the PATH of the function, which is not ours to search.
    let program = function
        .command
        .first()
        .map(PathBuf::from)
        .filter(|program| program.components().count() > 1);
    let root = function.task_root.as_deref().unwrap_or(Path::new(""));
    match program {
        Some(program) if !root.join(&program).is_file() => {
            Err(not_there("command", &program, "program"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::config::SqsMapping;

    async fn check(change: impl FnOnce(&mut Config), expected: Expect) {
        let mut config = Config::new([FunctionConfig::new("f", ["true"])]);
        change(&mut config);
        let error = LocalLambda::start(config).await.unwrap_err();
        expected.assert_eq(&error.to_string());
    }

    #[tokio::test]
    async fn what_is_not_there_is_named() {
        check(|c| c.functions[0].opt = Some("/nowhere/opt".into()), expect!["function `f` has `opt` = `/nowhere/opt`, expected an existing folder; build or create it first"]).await;
        check(|c| c.functions[0].command = vec!["/nowhere/bootstrap".to_owned()], expect!["function `f` has `command` = `/nowhere/bootstrap`, expected an existing program; build or create it first"]).await;
    }

    #[tokio::test]
    async fn a_port_in_use_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let mut config = Config::new([FunctionConfig::new("f", ["true"])]);
        config.listen = address;
        let said = LocalLambda::start(config).await.unwrap_err().to_string();
        assert!(
            said.contains(&format!("`{address}`")) && said.contains("expected a free port"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_named() {
        // Bound and dropped: nobody listens there now.
        let address = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let mut config = Config::new([FunctionConfig::new("f", ["true"])]);
        config.functions[0].sqs = vec![SqsMapping::new(format!("http://{address}/000000000000/q"))];
        let said = LocalLambda::start(config).await.unwrap_err().to_string();
        assert!(
            said.starts_with(&format!(
                "queue `http://{address}/000000000000/q` cannot be reached"
            )),
            "{said}"
        );
    }
}
