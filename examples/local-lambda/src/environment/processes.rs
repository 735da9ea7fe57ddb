//! One process group: started together, stopped and continued together, and never left behind.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::output::{self, DrainRequest, Output};
use super::{View, memory};
use crate::sandbox::Sandbox;
use crate::telemetry::Source;

/// How long to wait for lines that are already in a pipe.
const DRAIN_PATIENCE: Duration = Duration::from_millis(50);

/// How often, and for how long, stopped processes are looked for.
const POLL: Duration = Duration::from_millis(2);
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// How long the kernel may take to end a killed process.
const KILL_PATIENCE: Duration = Duration::from_secs(9);

/// Which process it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    Runtime,
    Extension(Uuid),
}

/// What to start.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) role: Role,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) directory: PathBuf,
}

/// The processes of one execution environment. Dropping it kills them.
#[derive(Debug)]
pub(super) struct Processes {
    sandbox: Arc<Sandbox>,
    output: Arc<Output>,
    view: Arc<View>,
    group: Option<Pid>,
    runtime: Option<Pid>,
    exits: JoinSet<()>,
    readers: JoinSet<()>,
    runtime_drains: Vec<mpsc::Sender<DrainRequest>>,
}

// === impl Processes ===

impl Processes {
    pub(super) fn new(sandbox: Arc<Sandbox>, output: Arc<Output>, view: Arc<View>) -> Self {
        Self {
            sandbox,
            output,
            view,
            group: None,
            runtime: None,
            exits: JoinSet::new(),
            readers: JoinSet::new(),
            runtime_drains: Vec::new(),
        }
    }

    /// Starts a process; the first one leads the group.
    pub(super) fn start(&mut self, launch: &Launch) -> io::Result<()> {
        let mut child = Command::new(&launch.program)
            .args(&launch.arguments)
            .env_clear()
            .envs(&launch.variables)
            .current_dir(&launch.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(self.group.map_or(0, Pid::as_raw))
            .kill_on_drop(true)
            .spawn()?;
        let Some(id) = child.id() else {
            return Err(io::Error::other("the process ended before it was known"));
        };
        let pid = Pid::from_raw(i32::try_from(id).map_err(io::Error::other)?);
        self.group.get_or_insert(pid);
        self.view.started(id);
        let source = match launch.role {
            Role::Runtime => {
                self.runtime = Some(pid);
                Source::Function
            }
            Role::Extension(_) => Source::Extension,
        };
        if let Some(pipe) = child.stdout.take() {
            self.read(pipe, source);
        }
        if let Some(pipe) = child.stderr.take() {
            self.read(pipe, source);
        }
        self.watch(child, id, launch.role);
        Ok(())
    }

    /// Tells the state machine when the process ends.
    fn watch(&mut self, mut child: Child, id: u32, role: Role) {
        let (sandbox, view) = (Arc::clone(&self.sandbox), Arc::clone(&self.view));
        self.exits.spawn(async move {
            let status = child.wait().await;
            view.ended(id);
            let (success, text) = status.map_or((false, "unknown".to_owned()), describe);
            sandbox.update(|state| match role {
                Role::Runtime => state.runtime_exited(success, &text),
                Role::Extension(id) => state.extension_exited(id, success, &text),
            });
        });
    }

    fn read(&mut self, pipe: impl tokio::io::AsyncRead + Unpin + Send + 'static, source: Source) {
        let (drain, drains) = mpsc::channel(1);
        if source == Source::Function {
            self.runtime_drains.push(drain);
        }
        let (output, sandbox) = (Arc::clone(&self.output), Arc::clone(&self.sandbox));
        self.readers
            .spawn(output::read(pipe, source, output, sandbox, drains));
    }

    /// The group, once there is a process.
    pub(super) fn group(&self) -> Option<Pid> {
        self.group
    }

    /// Whether init came as far as the runtime.
    pub(super) fn has_runtime(&self) -> bool {
        self.runtime.is_some()
    }

    /// Reads what the runtime has written so far.
    pub(super) async fn drain_runtime(&self) {
        let asked = self.runtime_drains.iter().map(|reader| async move {
            let (done, read) = oneshot::channel();
            if reader.send(done).await.is_ok() {
                let _ = read.await;
            }
        });
        let _ = tokio::time::timeout(DRAIN_PATIENCE, futures::future::join_all(asked)).await;
    }

    /// `SIGSTOP` to all: time stops for them.
    pub(super) fn freeze(&self) {
        self.signal_group(Signal::SIGSTOP);
    }

    /// Waits until all are stopped: a signal takes its time to arrive.
    pub(super) async fn stopped(&self) {
        let Some(group) = self.group else {
            return;
        };
        let stopped = async {
            while !memory::is_stopped(group) {
                tokio::time::sleep(POLL).await;
            }
        };
        let _ = tokio::time::timeout(STOP_PATIENCE, stopped).await;
    }

    /// `SIGCONT` to all.
    pub(super) fn thaw(&self) {
        self.signal_group(Signal::SIGCONT);
    }

    pub(super) fn terminate_runtime(&self) {
        self.signal_runtime(Signal::SIGTERM);
    }

    pub(super) fn kill_runtime(&self) {
        self.signal_runtime(Signal::SIGKILL);
    }

    /// Kills whatever is left, and waits until it is gone.
    pub(super) async fn kill_all(&mut self) {
        self.signal_group(Signal::SIGKILL);
        let gone = async { while self.exits.join_next().await.is_some() {} };
        if tokio::time::timeout(KILL_PATIENCE, gone).await.is_err() {
            tracing::error!(group = ?self.group, "killed processes are still there: the kernel does not let them go");
        }
        // The ends of the pipes are closed now: the last lines are in them.
        let rest = async { while self.readers.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(DRAIN_PATIENCE, rest).await;
        self.group = None;
    }

    fn signal_group(&self, signal: Signal) {
        // No such group: they have all ended, which was the aim or will be noticed as a fault.
        let _ = self.group.map(|group| killpg(group, signal));
    }

    fn signal_runtime(&self, signal: Signal) {
        // A process that has been waited for has given its id back.
        if !self.sandbox.look(|state| state.runtime_exited) {
            let _ = self.runtime.map(|pid| kill(pid, signal));
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.signal_group(Signal::SIGKILL);
    }
}

/// In the words of Lambda's messages: `exit status 1`, `signal: killed`.
fn describe(status: ExitStatus) -> (bool, String) {
    let text = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(number)) => format!("signal: {}", signal_name(number)),
        (None, None) => "unknown".to_owned(),
    };
    (status.success(), text)
}

fn signal_name(number: i32) -> String {
    match Signal::try_from(number) {
        Ok(Signal::SIGKILL) => "killed".to_owned(),
        Ok(Signal::SIGTERM) => "terminated".to_owned(),
        Ok(Signal::SIGSEGV) => "segmentation fault".to_owned(),
        Ok(Signal::SIGABRT) => "aborted".to_owned(),
        Ok(Signal::SIGBUS) => "bus error".to_owned(),
        Ok(Signal::SIGINT) => "interrupt".to_owned(),
        _ => format!("signal {number}"),
    }
}
