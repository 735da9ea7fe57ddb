//! Init: extensions first, the runtime once they have all registered, and done when everyone asked for an event.

use std::sync::Arc;

use tokio::time::Instant;

use super::output::Output;
use super::processes::Processes;
use super::view::{EnvironmentState, View};
use super::{Context, Cut, Environment, Live, launch};
use crate::clock::millis;
use crate::lifecycle::{Extension, Fault, Lifecycle};
use crate::sandbox::{FUNCTION_VERSION, Sandbox};
use crate::telemetry::{
    ExtensionRecord, InitMetrics, InitReport, InitRuntimeDone, InitStart, Phase, PlatformRecord,
    Status, Telemetry,
};

// === impl Environment ===

impl Environment {
    /// Starts everything. When it fails, the processes are still there, for `stop` to end.
    pub(super) async fn boot(&mut self, phase: Phase, deadline: Instant) -> Result<f64, Cut> {
        let started = Instant::now();
        self.view.enter(EnvironmentState::Init);
        let live = self
            .live
            .insert(new_live(&self.context, &self.output, &self.view));
        self.slot.set(Some(Arc::clone(&live.sandbox)));
        live.sandbox
            .telemetry
            .emit(&init_start(&self.context, phase));

        let context = &self.context;
        let mut outcome = start_runtime(context, live, deadline).await;
        live.sandbox
            .telemetry
            .emit(&runtime_done(context, phase, &outcome));
        live.sandbox.update(|state| state.registration_open = false);
        if outcome.is_ok() {
            let ready = until(&live.sandbox, Lifecycle::everyone_ready);
            outcome = live.guard(context.config.memory_mb, deadline, ready).await;
        }
        live.sandbox.update(|state| state.subscription_open = false);
        let duration_ms = millis(started.elapsed());
        report(context, &live.sandbox, phase, &outcome, duration_ms);
        live.sandbox.telemetry.forget_history();
        outcome.map(|()| duration_ms)
    }
}

/// Extensions, then the runtime, up to its first `/next`.
async fn start_runtime(context: &Context, live: &mut Live, deadline: Instant) -> Result<(), Cut> {
    launch::extensions(context, live).map_err(Cut::Fault)?;
    let registered = until(&live.sandbox, Lifecycle::external_extensions_registered);
    live.guard(context.config.memory_mb, deadline, registered)
        .await?;
    launch::runtime(context, live).map_err(Cut::Fault)?;
    let ready = until(&live.sandbox, |state| state.runtime.is_initialised());
    live.guard(context.config.memory_mb, deadline, ready).await
}

fn new_live(context: &Context, output: &Arc<Output>, view: &Arc<View>) -> Live {
    let identity = &context.identity;
    let managed = context.config.initialization.managed();
    let configured = context.config.env.get("AWS_LAMBDA_LOG_FORMAT");
    // Managed Instances know no other format.
    let json =
        managed.is_some() || configured.is_some_and(|format| format.eq_ignore_ascii_case("json"));
    let lifecycle = match managed {
        Some(most) => Lifecycle::concurrent(usize::try_from(most).unwrap_or(usize::MAX)),
        None => Lifecycle::new(),
    };
    let events = context.platform.events.clone();
    let telemetry = Telemetry::new(
        &identity.function,
        &identity.environment,
        identity.address,
        json,
        events,
    );
    let sandbox = Arc::new(Sandbox::new(Arc::clone(identity), telemetry, lifecycle));
    let processes = Processes::new(Arc::clone(&sandbox), Arc::clone(output), Arc::clone(view));
    Live { sandbox, processes }
}

/// Waits for a condition, as work that a guard can cut short.
async fn until(sandbox: &Sandbox, condition: impl Fn(&Lifecycle) -> bool) -> Result<(), Fault> {
    sandbox.until(|state| condition(state).then_some(())).await;
    Ok(())
}

fn init_start(context: &Context, phase: Phase) -> PlatformRecord {
    PlatformRecord::InitStart(InitStart {
        initialization_type: context.config.initialization.name(),
        phase,
        function_name: context.identity.function.clone(),
        function_version: FUNCTION_VERSION,
        instance_id: context.identity.environment.clone(),
        instance_max_memory: u64::from(context.config.memory_mb) * 1024 * 1024,
    })
}

pub(super) fn status_of(outcome: &Result<(), Cut>) -> (Status, Option<String>) {
    match outcome {
        Ok(()) => (Status::Success, None),
        Err(Cut::Timeout) => (Status::Timeout, None),
        Err(Cut::Fault(fault)) => (Status::Error, Some(fault.error_type.clone())),
    }
}

fn runtime_done(context: &Context, phase: Phase, outcome: &Result<(), Cut>) -> PlatformRecord {
    let (status, error_type) = status_of(outcome);
    PlatformRecord::InitRuntimeDone(InitRuntimeDone {
        initialization_type: context.config.initialization.name(),
        phase,
        status,
        error_type,
    })
}

fn report(
    context: &Context,
    sandbox: &Sandbox,
    phase: Phase,
    outcome: &Result<(), Cut>,
    duration_ms: f64,
) {
    let extensions = sandbox.look(|state| {
        let record = |extension: &Extension| ExtensionRecord {
            name: extension.name.clone(),
            state: extension.state.name(),
            events: extension.subscriptions.names(),
            error_type: extension.error_type.clone(),
        };
        state.extensions.iter().map(record).collect::<Vec<_>>()
    });
    for extension in extensions {
        sandbox
            .telemetry
            .emit(&PlatformRecord::Extension(extension));
    }
    let (status, error_type) = status_of(outcome);
    sandbox
        .telemetry
        .emit(&PlatformRecord::InitReport(InitReport {
            initialization_type: context.config.initialization.name(),
            phase,
            status,
            error_type,
            metrics: InitMetrics { duration_ms },
        }));
}
