//! One set of processes as its APIs see it: the state machine behind a lock, and a way to wait for it.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::lifecycle::Lifecycle;
use crate::telemetry::Telemetry;

/// What does not change while an environment lives.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) function: String,
    pub(crate) handler: String,
    pub(crate) account_id: String,
    pub(crate) arn: String,
    pub(crate) environment: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) snap_start: bool,
}

/// `$LATEST`: versions and aliases are not modelled.
pub(crate) const FUNCTION_VERSION: &str = "$LATEST";

/// State and telemetry of one set of processes. A restart makes a new one, so nothing old can leak into it.
#[derive(Debug)]
pub(crate) struct Sandbox {
    pub(crate) identity: Arc<Identity>,
    pub(crate) telemetry: Telemetry,
    lifecycle: Mutex<Lifecycle>,
    changed: Notify,
}

/// Where the environment's APIs find the current processes; empty between two sets of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    current: Arc<Mutex<Option<Arc<Sandbox>>>>,
}

// === impl Sandbox ===

impl Sandbox {
    pub(crate) fn new(identity: Arc<Identity>, telemetry: Telemetry, lifecycle: Lifecycle) -> Self {
        Self {
            identity,
            telemetry,
            lifecycle: Mutex::new(lifecycle),
            changed: Notify::new(),
        }
    }

    /// Changes the state and wakes everyone who waits for it.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut Lifecycle) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_waiters();
        result
    }

    /// Looks at the state.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Lifecycle) -> T) -> T {
        look(&self.lock())
    }

    /// Tries after every change until it succeeds; the attempt may change the state.
    pub(crate) async fn until<T>(&self, mut attempt: impl FnMut(&mut Lifecycle) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Listen before looking: a change in between must not be missed.
            changed.as_mut().enable();
            let found = attempt(&mut self.lock());
            if let Some(found) = found {
                self.changed.notify_waiters();
                return found;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lifecycle> {
        self.lifecycle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Slot ===

impl Slot {
    pub(crate) fn get(&self) -> Option<Arc<Sandbox>> {
        self.lock().clone()
    }

    /// Puts in other processes; whoever still waits on the old ones is sent away.
    pub(crate) fn set(&self, sandbox: Option<Arc<Sandbox>>) {
        let old = std::mem::replace(&mut *self.lock(), sandbox);
        if let Some(old) = old {
            old.update(|state| state.closed = true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Sandbox>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
