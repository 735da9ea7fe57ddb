//! One execution environment: a loopback address, the APIs there, and processes that come and go.

mod boot;
mod failure;
mod invoke;
mod launch;
mod managed;
mod memory;
mod output;
mod processes;
mod report;
mod restore;
mod stop;
mod variables;
mod view;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::api;
use crate::config::{FunctionConfig, Initialization};
use crate::lifecycle::Fault;
use crate::platform::Platform;
use crate::sandbox::{Identity, Sandbox, Slot};
pub(crate) use invoke::Caller;
pub(crate) use managed::Managed;
use output::Output;
use processes::Processes;
use report::ColdStart;
pub(crate) use view::View;
pub use view::{EnvironmentState, EnvironmentStatus};

/// What an environment is made from.
#[derive(Debug, Clone)]
struct Context {
    config: Arc<FunctionConfig>,
    platform: Arc<Platform>,
    identity: Arc<Identity>,
    task_root: PathBuf,
    opt: Option<PathBuf>,
}

/// An execution environment. Whoever owns it may invoke it; dropping it kills its processes.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) view: Arc<View>,
    context: Context,
    output: Arc<Output>,
    slot: Slot,
    live: Option<Live>,
    /// Init has been tried before the first invocation; from then on it is part of an invocation.
    initialised: bool,
    /// The processes are frozen as SnapStart leaves them after init.
    snapshot: bool,
    /// How long that first init or restore took, until a report has carried it.
    cold_start: ColdStart,
    /// Aborted when the environment goes.
    _server: JoinSet<()>,
}

/// The processes of now, and what they are told.
#[derive(Debug)]
struct Live {
    sandbox: Arc<Sandbox>,
    processes: Processes,
}

/// How work inside the environment was cut short.
#[derive(Debug, Clone)]
enum Cut {
    Fault(Fault),
    Timeout,
}

// === impl Environment ===

impl Environment {
    /// Claims an address and serves the APIs on it; no process is started yet.
    pub(crate) async fn create(
        config: Arc<FunctionConfig>,
        platform: Arc<Platform>,
    ) -> io::Result<Self> {
        let (address, listener) = platform.addresses.claim().await?;
        let id = Uuid::new_v4().simple().to_string();
        let output = Output::open(platform.log_dir.as_deref(), &config.name, &id)?;
        let identity = Identity {
            function: config.name.clone(),
            handler: config.handler.clone(),
            account_id: platform.account_id.clone(),
            arn: platform.function_arn(&config.name),
            environment: id.clone(),
            address,
            snap_start: config.initialization == Initialization::SnapStart,
        };
        let task_root = match &config.task_root {
            Some(task_root) => std::path::absolute(task_root)?,
            None => std::env::current_dir()?,
        };
        let opt = config.opt.as_deref().map(std::path::absolute).transpose()?;
        let slot = Slot::default();
        let mut server = JoinSet::new();
        server.spawn(api::serve(listener, slot.clone()));
        Ok(Self {
            view: Arc::new(View::new(id, address)),
            context: Context {
                config,
                platform,
                identity: Arc::new(identity),
                task_root,
                opt,
            },
            output: Arc::new(output),
            slot,
            live: None,
            initialised: false,
            snapshot: false,
            cold_start: ColdStart::default(),
            _server: server,
        })
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        // Requests that still wait would keep their connection tasks alive.
        self.slot.set(None);
    }
}

// === impl Live ===

impl Live {
    /// Does work until a process fails, the memory runs out, or the deadline passes.
    async fn guard<T>(
        &self,
        memory_mb: u32,
        deadline: tokio::time::Instant,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Cut> {
        let out_of_memory = async {
            match self.processes.group() {
                Some(group) => memory::exceeded(group, u64::from(memory_mb) * 1024 * 1024).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Finished work counts, even if its process ended right after.
            biased;
            outcome = work => outcome.map_err(Cut::Fault),
            fault = self.sandbox.until(|state| state.fault.clone()) => Err(Cut::Fault(fault)),
            () = out_of_memory => {
                let fault = Fault::new("Runtime.OutOfMemory", "Error: Runtime exited with error: signal: killed");
                self.sandbox.update(|state| state.fail(fault.clone()));
                Err(Cut::Fault(fault))
            }
            () = tokio::time::sleep_until(deadline) => Err(Cut::Timeout),
        }
    }
}
