//! Lambda Managed Instances: an environment that is never frozen and runs invocations side by side.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>. There is no `platform.runtimeDone`,
//! nothing is billed by the invocation, and code that ran past its deadline runs on.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::failure::{error_output, failed, timed_out};
use super::invoke::{Caller, deliver};
use super::output::Output;
use super::report::response_spans;
use super::view::{EnvironmentState, View};
use super::{Context, Cut, Environment};
use crate::clock::{epoch_ms, millis};
use crate::invocation::{FaultKind, FunctionError, InvokeError, InvokeOutput, InvokeRequest};
use crate::lifecycle::{Answer, Delivery, Fault, Invocation, ShutdownReason};
use crate::sandbox::{FUNCTION_VERSION, Sandbox};
use crate::telemetry::{
    Phase, PlatformRecord, Report, ReportMetrics, Source, Start, Status, Tracing,
};

/// The side of an environment that its invocations share; its owner waits for its end.
#[derive(Debug)]
pub(crate) struct Managed {
    context: Context,
    view: Arc<View>,
    sandbox: Arc<Sandbox>,
    output: Arc<Output>,
}

/// How an invocation ended.
enum End {
    Answered(Answer),
    TimedOut,
    Fault(Fault),
    Closed,
}

// === impl Environment ===

impl Environment {
    /// Init. The error is what a caller reads when it fails.
    pub(crate) async fn start_managed(&mut self) -> Result<Managed, InvokeOutput> {
        let deadline = Instant::now() + self.context.config.init_timeout;
        let booted = self.boot(Phase::Init, deadline).await;
        let request_id = Uuid::new_v4();
        let (payload, error) = match (booted, &self.live) {
            (Ok(_), Some(live)) => {
                self.view.enter(EnvironmentState::Running);
                return Ok(Managed {
                    context: self.context.clone(),
                    view: Arc::clone(&self.view),
                    sandbox: Arc::clone(&live.sandbox),
                    output: Arc::clone(&self.output),
                });
            }
            (Err(Cut::Fault(fault)), _) => failed(request_id, &fault, true),
            (Err(Cut::Timeout) | Ok(_), _) => {
                let message = format!("RequestId: {request_id} Error: init timed out");
                error_output(FaultKind::Init, "Sandbox.Timedout", &message)
            }
        };
        self.stop(ShutdownReason::Failure).await;
        Err(output(request_id, payload, None, Some(error)))
    }

    /// Waits until a process fails or the memory runs out.
    pub(crate) async fn broken(&self) {
        let Some(live) = &self.live else {
            return;
        };
        let never = Instant::now() + std::time::Duration::from_secs(365 * 24 * 3600);
        let endless = std::future::pending::<Result<(), Fault>>();
        // Whatever cut it short is in the state, where the invocations find it.
        let _ = live
            .guard(self.context.config.memory_mb, never, endless)
            .await;
    }
}

// === impl Managed ===

impl Managed {
    /// Whether it takes invocations.
    pub(crate) fn is_alive(&self) -> bool {
        self.sandbox
            .look(|state| state.fault.is_none() && !state.stopping && !state.closed)
    }

    /// Runs one invocation beside the others.
    pub(crate) async fn invoke(&self, request: InvokeRequest, caller: Caller) {
        let timeout = self.context.config.timeout;
        let request_id = request.request_id.unwrap_or_else(Uuid::new_v4);
        let deadline_ms = epoch_ms(SystemTime::now() + timeout);
        let delivery = deliver(&self.context, request_id, deadline_ms, request, caller.sink);
        let invocation = Invocation::new(delivery.clone());
        let began = (Instant::now(), SystemTime::now());
        if !self
            .sandbox
            .update(|state| state.begin_concurrent(invocation))
        {
            let _ = caller.done.send(Err(self.full()));
            return;
        }
        self.view.invoked();
        self.start(&delivery);
        let end = tokio::select! {
            biased;
            end = self.sandbox.until(|state| {
                let answer = state.take_concurrent_answer(request_id).map(End::Answered);
                let fault = || state.fault.clone().map(End::Fault);
                answer.or_else(fault).or_else(|| state.closed.then_some(End::Closed))
            }) => end,
            () = sleep_until(began.0 + timeout) => End::TimedOut,
        };
        let Some((payload, content_type, error)) = self.ended(&delivery, began, end) else {
            // Dropping the caller's end tells it that the function is shutting down.
            return;
        };
        // A caller that went away is no error.
        let _ = caller
            .done
            .send(Ok(output(request_id, payload, content_type, error)));
    }

    fn ended(
        &self,
        delivery: &Delivery,
        began: (Instant, SystemTime),
        end: End,
    ) -> Option<(Bytes, Option<String>, Option<FunctionError>)> {
        let request_id = delivery.request_id;
        match end {
            End::Closed => None,
            End::Answered(answer) => {
                let error = answer.error_type.as_ref().map(|error_type| FunctionError {
                    kind: FaultKind::Error,
                    error_type: error_type.clone(),
                });
                let status = if error.is_some() {
                    Status::Error
                } else {
                    Status::Success
                };
                self.report(
                    delivery,
                    began,
                    status,
                    answer.error_type.clone(),
                    Some(&answer),
                );
                Some((answer.payload, answer.content_type, error))
            }
            End::TimedOut => {
                self.sandbox
                    .update(|state| state.time_out_concurrent(request_id));
                let (line, payload, error) = timed_out(request_id, self.context.config.timeout);
                self.output.line(Source::Function, &line);
                self.report(delivery, began, Status::Timeout, None, None);
                Some((payload, json(), Some(error)))
            }
            End::Fault(fault) => {
                let (payload, error) = failed(request_id, &fault, false);
                self.report(delivery, began, Status::Error, Some(fault.error_type), None);
                Some((payload, json(), Some(error)))
            }
        }
    }

    fn full(&self) -> InvokeError {
        InvokeError::Throttled {
            function: self.context.identity.function.clone(),
            limit: self
                .context
                .config
                .initialization
                .managed()
                .and_then(|most| usize::try_from(most).ok())
                .unwrap_or_default(),
        }
    }

    fn start(&self, delivery: &Delivery) {
        self.sandbox.telemetry.emit(&PlatformRecord::Start(Start {
            request_id: delivery.request_id.to_string(),
            version: FUNCTION_VERSION,
            tracing: Tracing::of(&delivery.trace_header),
        }));
    }

    fn report(
        &self,
        delivery: &Delivery,
        began: (Instant, SystemTime),
        status: Status,
        error_type: Option<String>,
        answer: Option<&Answer>,
    ) {
        self.sandbox.telemetry.emit(&PlatformRecord::Report(Report {
            request_id: delivery.request_id.to_string(),
            status,
            error_type,
            metrics: ReportMetrics {
                duration_ms: millis(began.0.elapsed()),
                billed: None,
            },
            spans: answer
                .map(|answer| response_spans(began, answer).to_vec())
                .unwrap_or_default(),
            tracing: Tracing::of(&delivery.trace_header),
        }));
    }
}

fn json() -> Option<String> {
    Some("application/json".to_owned())
}

fn output(
    request_id: Uuid,
    payload: Bytes,
    content_type: Option<String>,
    function_error: Option<FunctionError>,
) -> InvokeOutput {
    InvokeOutput {
        request_id,
        payload,
        content_type,
        function_error,
        // The lines of invocations side by side cannot be told apart.
        log_tail: String::new(),
        executed_version: FUNCTION_VERSION.to_owned(),
    }
}
