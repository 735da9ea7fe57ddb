//! What others may see of an environment while its task owns it.

use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// A look at one environment.
#[derive(Debug, Clone)]
pub struct EnvironmentStatus {
    /// Its name in logs and events.
    pub id: String,
    /// Its own loopback address.
    pub address: Ipv4Addr,
    /// Processes that were started and have not ended, extensions first.
    pub pids: Vec<u32>,
    /// What it is doing.
    pub state: EnvironmentState,
    /// Invocations begun so far.
    pub invocations: u64,
}

/// The life of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironmentState {
    /// Extensions and runtime start.
    Init,
    /// A snapshot is restored.
    Restoring,
    /// An invocation is under way.
    Running,
    /// The caller has its answer; the runtime or an extension has not yet asked for the next event.
    Finishing,
    /// Every process is stopped until the next invocation.
    Frozen,
    /// The processes are being ended.
    Stopping,
    /// No process is left after a timeout or a crash; the next invocation starts new ones.
    Reset,
}

/// The shared side of an environment.
#[derive(Debug)]
pub(crate) struct View {
    status: Mutex<(EnvironmentStatus, Instant)>,
}

// === impl View ===

impl View {
    pub(crate) fn new(id: String, address: Ipv4Addr) -> Self {
        let status = EnvironmentStatus {
            id,
            address,
            pids: Vec::new(),
            state: EnvironmentState::Init,
            invocations: 0,
        };
        Self {
            status: Mutex::new((status, Instant::now())),
        }
    }

    pub(crate) fn status(&self) -> EnvironmentStatus {
        self.lock().0.clone()
    }

    /// When the state last changed.
    pub(crate) fn since(&self) -> Instant {
        self.lock().1
    }

    pub(crate) fn enter(&self, state: EnvironmentState) {
        let mut status = self.lock();
        status.0.state = state;
        status.1 = Instant::now();
    }

    pub(crate) fn invoked(&self) {
        let mut status = self.lock();
        status.0.invocations += 1;
    }

    pub(crate) fn started(&self, pid: u32) {
        self.lock().0.pids.push(pid);
    }

    pub(crate) fn ended(&self, pid: u32) {
        self.lock().0.pids.retain(|known| *known != pid);
    }

    fn lock(&self) -> MutexGuard<'_, (EnvironmentStatus, Instant)> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
