//! One invocation, from init if need be to the freeze after it.

use std::time::SystemTime;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::failure::{failed, timed_out};
use super::report::{ColdStart, Progress, Reporter};
use super::view::EnvironmentState;
use super::{Context, Cut, Environment, Live};
use crate::clock::epoch_ms;
use crate::invocation::{
    FaultKind, FunctionError, InvokeError, InvokeOutput, InvokeRequest, fresh_trace_header,
};
use crate::lifecycle::{Answer, Delivery, Fault, Invocation, RuntimeState, ShutdownReason};
use crate::sandbox::FUNCTION_VERSION;
use crate::stream::Sink;
use crate::telemetry::{Phase, Source};

/// Where the caller waits. It may have gone away: the invocation runs on, as on Lambda.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) done: oneshot::Sender<Result<InvokeOutput, InvokeError>>,
    /// For a caller that reads the answer while it comes.
    pub(crate) sink: Option<Sink>,
}

// === impl Environment ===

impl Environment {
    /// Runs an invocation. Returns when the environment is free again, which may be well after the caller's answer.
    pub(crate) async fn invoke(&mut self, request: InvokeRequest, caller: Caller) {
        self.clear_away().await;
        self.init_if_new().await;
        if let Err(error) = self.restore_if_due().await {
            // A caller that went away is no error.
            let _ = caller.done.send(Err(error));
            return;
        }
        let request_id = request.request_id.unwrap_or_else(Uuid::new_v4);
        let deadline = Instant::now() + self.context.config.timeout;
        let deadline_ms = epoch_ms(SystemTime::now() + self.context.config.timeout);
        self.view.invoked();
        self.output.clear_tail();
        self.output.platform(&format!(
            "START RequestId: {request_id} Version: {FUNCTION_VERSION}"
        ));

        let sink = caller.sink.clone();
        let delivery = deliver(&self.context, request_id, deadline_ms, request, sink);
        let mut progress = Progress::new(delivery, caller);
        let cut = match self.restart_if_gone(deadline).await {
            Ok(()) => self.run(&mut progress, deadline).await,
            Err(cut) => {
                progress.in_init = true;
                if let Some(reporter) = self.reporter(&progress) {
                    reporter.start();
                }
                Err(cut)
            }
        };
        match cut {
            Ok(()) => self.freeze(),
            Err(cut) => self.fail(progress, cut).await,
        }
    }

    /// Init before the first invocation, or a new snapshot after the old one's processes ended. If it fails, it is tried again
    /// within the invocation.
    async fn init_if_new(&mut self) {
        let known = std::mem::replace(&mut self.initialised, true);
        if known && !(self.is_snap_start() && self.live.is_none()) {
            return;
        }
        let deadline = Instant::now() + self.context.config.init_timeout;
        match self.boot(Phase::Init, deadline).await {
            Ok(_) if self.is_snap_start() => self.take_snapshot().await,
            Ok(duration_ms) => self.cold_start.init_ms = Some(duration_ms),
            Err(Cut::Timeout) => self.stop(ShutdownReason::Timeout).await,
            Err(Cut::Fault(fault)) => {
                tracing::warn!(
                    function = self.context.identity.function,
                    ?fault,
                    "init failed"
                );
                self.stop(ShutdownReason::Failure).await;
            }
        }
    }

    /// Ends what is left when a process ended while nobody looked. That takes its time, which is not the invocation's.
    async fn clear_away(&mut self) {
        let broken = self
            .live
            .as_ref()
            .is_some_and(|live| live.sandbox.look(|state| state.fault.is_some()));
        if broken {
            self.stop(ShutdownReason::Failure).await;
        }
    }

    /// Suppressed init: after a reset.
    async fn restart_if_gone(&mut self, deadline: Instant) -> Result<(), Cut> {
        if self.live.is_none() {
            self.boot(Phase::Invoke, deadline).await?;
            if self.is_snap_start() {
                self.restore(deadline).await?;
            }
        }
        Ok(())
    }

    fn reporter(&self, progress: &Progress) -> Option<Reporter<'_>> {
        let live = self.live.as_ref()?;
        Some(Reporter {
            telemetry: &live.sandbox.telemetry,
            group: live.processes.group(),
            pids: self.view.status().pids,
            memory_mb: self.context.config.memory_mb,
            cold_start: self.cold_start,
            request_id: progress.delivery.request_id,
            trace_header: progress.delivery.trace_header.clone(),
        })
    }

    /// The invocation proper: answer, runtime ready, extensions ready.
    async fn run(&mut self, progress: &mut Progress, deadline: Instant) -> Result<(), Cut> {
        let (Some(live), Some(reporter)) = (&self.live, self.reporter(progress)) else {
            return Ok(());
        };
        live.processes.thaw();
        live.sandbox.telemetry.set_frozen(false);
        self.view.enter(EnvironmentState::Running);
        progress.began = (Instant::now(), SystemTime::now());
        reporter.start();
        live.sandbox
            .update(|state| state.begin(Invocation::new(progress.delivery.clone())));

        let work = async {
            let answer = live
                .sandbox
                .until(|state| state.invocation.as_ref()?.answer.clone())
                .await;
            live.processes.drain_runtime().await;
            self.view.enter(EnvironmentState::Finishing);
            self.answer(progress, &reporter, &answer);
            live.sandbox
                .until(|state| (state.runtime == RuntimeState::Ready).then_some(()))
                .await;
            progress.runtime_done = Some(Instant::now());
            reporter.runtime_done(progress, &answer);
            live.sandbox
                .until(|state| state.invoked_extensions_ready().then_some(()))
                .await;
            Ok::<(), Fault>(())
        };
        live.guard(self.context.config.memory_mb, deadline, work)
            .await?;
        reporter.report(progress);
        self.cold_start = ColdStart::default();
        Ok(())
    }

    /// Everyone waits for the next event: time stops.
    pub(super) fn freeze(&self) {
        if let Some(Live { sandbox, processes }) = &self.live {
            sandbox.telemetry.set_frozen(true);
            processes.freeze();
            self.view.enter(EnvironmentState::Frozen);
        }
    }

    /// A timeout, a crash or a lack of memory: the caller is told, the processes end.
    async fn fail(&mut self, mut progress: Progress, cut: Cut) {
        let request_id = progress.delivery.request_id;
        let (reason, error) = match &cut {
            Cut::Timeout => {
                let (line, payload, error) = timed_out(request_id, self.context.config.timeout);
                self.output.line(Source::Function, &line);
                (ShutdownReason::Timeout, (payload, error))
            }
            Cut::Fault(fault) => (
                ShutdownReason::Failure,
                failed(request_id, fault, progress.in_init),
            ),
        };
        if let Some(live) = &self.live {
            live.sandbox.update(|state| {
                if let Some(invocation) = state
                    .invocation
                    .as_mut()
                    .filter(|_| matches!(cut, Cut::Timeout))
                {
                    invocation.timed_out = true;
                }
            });
            live.processes.drain_runtime().await;
        }
        if let Some(reporter) = self.reporter(&progress) {
            reporter.failed(&progress, &cut);
            self.output.platform(&reporter.end_lines(&progress));
        }
        self.cold_start = ColdStart::default();
        let (payload, function_error) = error;
        self.reply(
            &mut progress,
            payload,
            Some("application/json".to_owned()),
            Some(function_error),
        );
        self.stop(reason).await;
    }

    fn answer(&self, progress: &mut Progress, reporter: &Reporter<'_>, answer: &Answer) {
        self.output.platform(&reporter.end_lines(progress));
        let error = answer.error_type.as_ref().map(|error_type| FunctionError {
            kind: FaultKind::Error,
            error_type: error_type.clone(),
        });
        self.reply(
            progress,
            answer.payload.clone(),
            answer.content_type.clone(),
            error,
        );
    }

    /// Answers the caller, once.
    fn reply(
        &self,
        progress: &mut Progress,
        payload: Bytes,
        content_type: Option<String>,
        function_error: Option<FunctionError>,
    ) {
        let Some(caller) = progress.caller.take() else {
            return;
        };
        let output = InvokeOutput {
            request_id: progress.delivery.request_id,
            payload,
            content_type,
            function_error,
            log_tail: self.output.tail(),
            executed_version: FUNCTION_VERSION.to_owned(),
        };
        // A caller that went away is no error.
        let _ = caller.done.send(Ok(output));
    }
}

/// An invocation as the processes get it.
pub(super) fn deliver(
    context: &Context,
    request_id: Uuid,
    deadline_ms: u64,
    request: InvokeRequest,
    sink: Option<Sink>,
) -> Delivery {
    let trace_header = request
        .trace_header
        .clone()
        .filter(|header| !header.trim().is_empty());
    Delivery {
        request_id,
        invocation_id: Uuid::new_v4(),
        deadline_ms,
        arn: context.identity.arn.clone(),
        trace_header: trace_header.unwrap_or_else(fresh_trace_header),
        request,
        sink,
    }
}
