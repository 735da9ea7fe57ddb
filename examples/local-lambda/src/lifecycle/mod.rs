//! What the runtime and the extensions of one set of processes may do next. Decides only; starts and stops nothing.
//!
//! The states and their names are those of Lambda's own implementation, so that its error texts fit:
//! <https://github.com/aws/aws-lambda-runtime-interface-emulator> (`internal/lambda/core`).

mod concurrent;
mod extension;
mod invocation;
mod runtime;
#[cfg(test)]
mod tests;

pub(crate) use concurrent::Concurrent;
pub(crate) use extension::{Extension, ExtensionEvent, ExtensionState, MAX_EXTENSIONS, Refused};
pub(crate) use invocation::{Answer, Delivery, Invocation};
pub(crate) use runtime::{ResponseRefused, RuntimeState};

use uuid::Uuid;

/// Why the processes have to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Lambda's name for it, e.g. `Runtime.ExitError`.
    pub(crate) error_type: String,
    /// What the caller reads after `RequestId: … `.
    pub(crate) message: String,
    /// The runtime's own words, when it reported them.
    pub(crate) body: Option<bytes::Bytes>,
}

/// What SHUTDOWN tells extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownReason {
    Spindown,
    Timeout,
    Failure,
}

/// The state of one set of processes.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    pub(crate) runtime: RuntimeState,
    pub(crate) runtime_exited: bool,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) registration_open: bool,
    pub(crate) subscription_open: bool,
    pub(crate) invocation: Option<Invocation>,
    /// In Managed Instances, instead of `invocation`.
    pub(crate) concurrent: Option<Concurrent>,
    /// The first thing that went wrong; later ones follow from it.
    pub(crate) fault: Option<Fault>,
    /// Processes are being ended: their exits are expected.
    pub(crate) stopping: bool,
    pub(crate) shutdown: Option<(ShutdownReason, u64)>,
    /// Nothing is answered any more.
    pub(crate) closed: bool,
}

// === impl Fault ===

impl Fault {
    pub(crate) fn new(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.to_owned(),
            message: message.into(),
            body: None,
        }
    }
}

// === impl ShutdownReason ===

impl ShutdownReason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

// === impl Lifecycle ===

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Self {
            runtime: RuntimeState::Started,
            runtime_exited: false,
            extensions: Vec::new(),
            registration_open: true,
            subscription_open: true,
            invocation: None,
            concurrent: None,
            fault: None,
            stopping: false,
            shutdown: None,
            closed: false,
        }
    }

    /// Of an environment that runs up to `max` invocations side by side.
    pub(crate) fn concurrent(max: usize) -> Self {
        Self {
            concurrent: Some(Concurrent::new(max)),
            ..Self::new()
        }
    }

    /// Keeps the first fault; what follows while processes are being ended is no fault.
    pub(crate) fn fail(&mut self, fault: Fault) {
        if !self.stopping && self.fault.is_none() {
            self.fault = Some(fault);
        }
    }

    /// The runtime's process ended. `status` is in Go's words, as Lambda prints them.
    pub(crate) fn runtime_exited(&mut self, success: bool, status: &str) {
        self.runtime_exited = true;
        let message = if success {
            "Error: Runtime exited without providing a reason".to_owned()
        } else {
            format!("Error: Runtime exited with error: {status}")
        };
        self.fail(Fault::new("Runtime.ExitError", message));
    }

    /// An external extension's process ended.
    pub(crate) fn extension_exited(&mut self, id: Uuid, success: bool, status: &str) {
        let Some(extension) = self.extensions.iter_mut().find(|known| known.id == id) else {
            return;
        };
        extension.exited = true;
        let error_type = match extension.state {
            ExtensionState::InitError => "Extension.InitError",
            ExtensionState::ExitError => "Extension.ExitError",
            _ => "Extension.Crash",
        };
        if self.stopping {
            extension.state = if success {
                ExtensionState::Exited
            } else {
                ExtensionState::ShutdownFailed
            };
        }
        let why = if success { "exit code 0" } else { status };
        let message = format!("Error: exit of extension {}: {why}", extension.name);
        self.fail(Fault::new(error_type, message));
    }

    /// Every external extension has registered: the runtime may start.
    pub(crate) fn external_extensions_registered(&self) -> bool {
        self.extensions
            .iter()
            .all(|extension| extension.state != ExtensionState::Started)
    }

    /// Init is over when the runtime and every extension have asked for their first event.
    pub(crate) fn everyone_ready(&self) -> bool {
        self.runtime.is_initialised()
            && self
                .extensions
                .iter()
                .all(|e| e.state == ExtensionState::Ready)
    }

    /// An invocation is over when the runtime and every extension that took part ask for the next event.
    pub(crate) fn invoked_extensions_ready(&self) -> bool {
        let mut invoked = self
            .extensions
            .iter()
            .filter(|extension| extension.subscriptions.invoke);
        invoked.all(|extension| {
            extension.state == ExtensionState::Ready && extension.pending.is_none()
        })
    }

    /// Hands an invocation to the runtime and to the extensions that want it.
    pub(crate) fn begin(&mut self, invocation: Invocation) {
        for extension in self
            .extensions
            .iter_mut()
            .filter(|extension| extension.subscriptions.invoke)
        {
            extension.pending = Some(ExtensionEvent::Invoke(Box::new(
                invocation.delivery.clone(),
            )));
        }
        self.invocation = Some(invocation);
    }

    /// Sends SHUTDOWN to every extension that subscribed to it.
    pub(crate) fn begin_shutdown(&mut self, reason: ShutdownReason, deadline_ms: u64) {
        self.shutdown = Some((reason, deadline_ms));
        for extension in self
            .extensions
            .iter_mut()
            .filter(|extension| extension.subscriptions.shutdown)
        {
            extension.pending = Some(ExtensionEvent::Shutdown {
                reason,
                deadline_ms,
            });
        }
    }

    pub(crate) fn extension(&mut self, id: Uuid) -> Option<&mut Extension> {
        self.extensions
            .iter_mut()
            .find(|extension| extension.id == id)
    }
}
