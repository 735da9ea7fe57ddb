//! A function on Managed Instances: its one environment, which the first invocation starts.

use std::sync::Arc;

use super::lease::Lease;
use super::{Function, Seated};
use crate::environment::{Caller, Managed};
use crate::invocation::{InvokeError, InvokeOutput, InvokeRequest};
use crate::lifecycle::ShutdownReason;

/// Why there is no environment.
enum Missing {
    Refused(InvokeError),
    /// Its init failed; the caller reads this.
    Failed(Box<InvokeOutput>),
}

// === impl Function ===

impl Function {
    pub(super) async fn run_managed(&self, request: InvokeRequest, caller: Caller) {
        match self.managed().await {
            Ok(managed) => managed.invoke(request, caller).await,
            // A caller that went away is no error.
            Err(Missing::Refused(error)) => drop(caller.done.send(Err(error))),
            Err(Missing::Failed(output)) => drop(caller.done.send(Ok(*output))),
        }
    }

    /// The environment, a new one when there is none. Callers that come meanwhile wait for it.
    async fn managed(&self) -> Result<Arc<Managed>, Missing> {
        let mut current = self.managed.lock().await;
        if let Some(managed) = current.as_ref().filter(|managed| managed.is_alive()) {
            return Ok(Arc::clone(managed));
        }
        let Lease::Cold(seat) = self.new_seat().map_err(Missing::Refused)? else {
            return Err(Missing::Refused(self.shut_down()));
        };
        let mut seated = self.open(seat).await.map_err(Missing::Refused)?;
        let started = seated.environment.start_managed().await;
        let managed = Arc::new(started.map_err(|output| Missing::Failed(Box::new(output)))?);
        *current = Some(Arc::clone(&managed));
        let closing = self.closing.subscribe();
        tokio::spawn(end_when_due(seated, closing));
        Ok(managed)
    }
}

/// Owns the environment until it breaks or the function is shut down.
async fn end_when_due(mut seated: Seated, mut closing: tokio::sync::watch::Receiver<bool>) {
    let reason = tokio::select! {
        () = seated.environment.broken() => ShutdownReason::Failure,
        // An error means that the function is gone: stop as well.
        _ = closing.wait_for(|closing| *closing) => ShutdownReason::Spindown,
    };
    seated.environment.stop(reason).await;
}
