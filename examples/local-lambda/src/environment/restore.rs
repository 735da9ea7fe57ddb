//! SnapStart: the freeze after init, and the restore before the first invocation.
//!
//! Lambda freezes one environment when a version is published and restores copies of it. A process cannot be copied, so here every
//! environment has an init of its own, and the frozen processes stand for the snapshot.

use std::time::Duration;

use tokio::time::Instant;

use super::view::EnvironmentState;
use super::{Cut, Environment, boot};
use crate::clock::millis;
use crate::config::Initialization;
use crate::invocation::InvokeError;
use crate::lifecycle::{Fault, RuntimeState, ShutdownReason};
use crate::sandbox::FUNCTION_VERSION;
use crate::telemetry::{
    InitMetrics, PlatformRecord, RestoreReport, RestoreRuntimeDone, RestoreStart,
};

/// The longest restore, hooks included: <https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html>.
const LONGEST: Duration = Duration::from_secs(10);

// === impl Environment ===

impl Environment {
    pub(super) fn is_snap_start(&self) -> bool {
        self.context.config.initialization == Initialization::SnapStart
    }

    /// Stands for taking the snapshot: every process is stopped, and seen to be.
    pub(super) async fn take_snapshot(&mut self) {
        self.freeze();
        if let Some(live) = &self.live {
            live.processes.stopped().await;
        }
        self.snapshot = true;
    }

    /// Restores what was frozen after init; the caller learns why when that fails.
    pub(super) async fn restore_if_due(&mut self) -> Result<(), InvokeError> {
        if !std::mem::take(&mut self.snapshot) {
            return Ok(());
        }
        let function = self.context.identity.function.clone();
        match self.restore(Instant::now() + LONGEST).await {
            Ok(()) => Ok(()),
            Err(Cut::Timeout) => {
                self.stop(ShutdownReason::Timeout).await;
                Err(InvokeError::RestoreTimeout { function })
            }
            Err(Cut::Fault(fault)) => {
                tracing::warn!(function, ?fault, "restore failed");
                self.stop(ShutdownReason::Failure).await;
                let error_type = fault.error_type;
                Err(InvokeError::Restore {
                    function,
                    error_type,
                })
            }
        }
    }

    pub(super) async fn restore(&mut self, deadline: Instant) -> Result<(), Cut> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let (started, telemetry) = (Instant::now(), &live.sandbox.telemetry);
        self.view.enter(EnvironmentState::Restoring);
        telemetry.emit(&PlatformRecord::RestoreStart(RestoreStart {
            function_name: self.context.identity.function.clone(),
            function_version: FUNCTION_VERSION,
            instance_id: self.context.identity.environment.clone(),
            instance_max_memory: u64::from(self.context.config.memory_mb) * 1024 * 1024,
        }));
        live.processes.thaw();
        telemetry.set_frozen(false);
        live.sandbox.update(|state| state.begin_restore());
        let ready = async {
            live.sandbox
                .until(|state| (state.runtime == RuntimeState::Ready).then_some(()))
                .await;
            Ok::<(), Fault>(())
        };
        let memory_mb = self.context.config.memory_mb;
        let outcome = live.guard(memory_mb, deadline, ready).await;

        let duration_ms = millis(started.elapsed());
        let (status, error_type) = boot::status_of(&outcome);
        telemetry.emit(&PlatformRecord::RestoreRuntimeDone(RestoreRuntimeDone {
            status,
            error_type: error_type.clone(),
        }));
        telemetry.emit(&PlatformRecord::RestoreReport(RestoreReport {
            status,
            error_type,
            metrics: InitMetrics { duration_ms },
        }));
        outcome?;
        self.cold_start.restore_ms = Some(duration_ms);
        Ok(())
    }
}
