//! The end of a set of processes: a word to the runtime, SHUTDOWN to the extensions, then SIGKILL to all.

use std::time::{Duration, SystemTime};

use tokio::time::{Instant, timeout_at};

use super::view::EnvironmentState;
use super::{Environment, Live};
use crate::clock::epoch_ms;
use crate::lifecycle::ShutdownReason;

/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown>
const WITH_EXTERNAL_EXTENSIONS: Duration = Duration::from_secs(2);
const WITH_INTERNAL_EXTENSIONS: Duration = Duration::from_millis(500);
/// The runtime's part of it, before extensions hear of the end.
const FOR_THE_RUNTIME: Duration = Duration::from_millis(300);

// === impl Environment ===

impl Environment {
    /// Ends all processes. The environment may be invoked again: init then is part of the invocation.
    ///
    /// When it is dropped half-way, as part of an invocation that is cut off, the processes are still there for another call.
    pub(crate) async fn stop(&mut self, reason: ShutdownReason) {
        let Some(live) = &mut self.live else {
            return;
        };
        self.view.enter(EnvironmentState::Stopping);
        live.end(reason).await;
        self.live = None;
        self.slot.set(None);
        self.view.enter(EnvironmentState::Reset);
    }
}

// === impl Live ===

impl Live {
    async fn end(&mut self, reason: ShutdownReason) {
        let (external, internal) = self.sandbox.update(|state| {
            state.stopping = true;
            let external = state.extensions.iter().any(|extension| extension.external);
            (
                external,
                state.extensions.iter().any(|extension| !extension.external),
            )
        });
        self.processes.thaw();
        self.sandbox.telemetry.set_frozen(false);
        if external || internal {
            let budget = if external {
                WITH_EXTERNAL_EXTENSIONS
            } else {
                WITH_INTERNAL_EXTENSIONS
            };
            self.end_in_peace(reason, budget).await;
        }
        self.processes.kill_all().await;
        self.sandbox.telemetry.close();
    }

    async fn end_in_peace(&self, reason: ShutdownReason, budget: Duration) {
        let deadline = Instant::now() + budget;
        let deadline_ms = epoch_ms(SystemTime::now() + budget);
        self.processes.terminate_runtime();
        let never_started = !self.processes.has_runtime();
        let runtime_gone = self
            .sandbox
            .until(|state| (state.runtime_exited || never_started).then_some(()));
        let runtime_gone = timeout_at(Instant::now() + FOR_THE_RUNTIME, runtime_gone);
        // While the runtime ends, extensions get the records that are still buffered.
        let flushed = self.sandbox.telemetry.flush(FOR_THE_RUNTIME);
        let _ = tokio::join!(runtime_gone, flushed);
        self.processes.kill_runtime();

        self.sandbox
            .update(|state| state.begin_shutdown(reason, deadline_ms));
        let extensions_gone = self.sandbox.until(|state| {
            let mut told = state
                .extensions
                .iter()
                .filter(|known| known.external && known.subscriptions.shutdown);
            told.all(|extension| extension.exited).then_some(())
        });
        let _ = timeout_at(deadline, extensions_gone).await;
    }
}
