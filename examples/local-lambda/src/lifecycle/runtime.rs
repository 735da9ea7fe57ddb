//! The runtime's side of the state machine.

use uuid::Uuid;

use super::{Answer, Delivery, Fault, Lifecycle};

/// Where the runtime is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuntimeState {
    Started,
    InitError,
    RestoreReady,
    Restoring,
    RestoreError,
    Ready,
    Running,
    InvocationResponse,
    InvocationErrorResponse,
    ResponseSent,
}

/// Why a response was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseRefused {
    /// 400 `InvalidRequestID`.
    WrongRequestId,
    /// 403 `InvalidStateTransition` from this state.
    WrongState(RuntimeState),
    /// 410 `InvokeTimeout`.
    TimedOut,
}

// === impl RuntimeState ===

impl RuntimeState {
    /// As Lambda's error texts name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::InitError => "InitError",
            Self::RestoreReady => "RestoreReady",
            Self::Restoring => "Restoring",
            Self::RestoreError => "RestoreError",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::InvocationResponse => "InvocationResponse",
            Self::InvocationErrorResponse => "InvocationErrorResponse",
            Self::ResponseSent => "RuntimeResponseSentState",
        }
    }

    /// Init is over for it: it waits for an event, or for its snapshot to be taken.
    pub(crate) fn is_initialised(self) -> bool {
        matches!(self, Self::Ready | Self::RestoreReady)
    }
}

// === impl Lifecycle ===

impl Lifecycle {
    /// The runtime asks for an event. Asking again before the answer is allowed: the event is handed out again.
    pub(crate) fn runtime_ready(&mut self) -> Result<(), RuntimeState> {
        match self.runtime {
            RuntimeState::Started
            | RuntimeState::Restoring
            | RuntimeState::Ready
            | RuntimeState::ResponseSent => {
                self.runtime = RuntimeState::Ready;
                self.worker_waits();
                Ok(())
            }
            RuntimeState::Running => Ok(()),
            other => Err(other),
        }
    }

    /// The event for a runtime that asked, if there is one.
    pub(crate) fn take_delivery(&mut self) -> Option<Delivery> {
        if let Some(concurrent) = self.concurrent.as_mut().filter(|_| !self.stopping) {
            return concurrent.take();
        }
        let invocation = self.invocation.as_ref().filter(|_| !self.stopping)?;
        match self.runtime {
            // An answered invocation stays until the next one: it is not handed out twice.
            RuntimeState::Ready if invocation.answer.is_none() => {
                self.runtime = RuntimeState::Running
            }
            RuntimeState::Running => {}
            _ => return None,
        }
        Some(invocation.delivery.clone())
    }

    /// `/runtime/restore/next`: init is over, and a snapshot may be taken.
    pub(crate) fn restore_ready(&mut self) -> Result<(), RuntimeState> {
        match self.runtime {
            RuntimeState::Started | RuntimeState::RestoreReady => {
                self.runtime = RuntimeState::RestoreReady;
                Ok(())
            }
            other => Err(other),
        }
    }

    /// The snapshot has been restored: a runtime that waits for that goes on.
    pub(crate) fn begin_restore(&mut self) {
        if self.runtime == RuntimeState::RestoreReady {
            self.runtime = RuntimeState::Restoring;
        }
    }

    /// `/runtime/restore/error`.
    pub(crate) fn restore_error(&mut self, fault: Fault) -> Result<(), RuntimeState> {
        if self.runtime != RuntimeState::Restoring {
            return Err(self.runtime);
        }
        self.runtime = RuntimeState::RestoreError;
        self.fail(fault);
        Ok(())
    }

    /// `/runtime/init/error`.
    pub(crate) fn runtime_init_error(&mut self, fault: Fault) -> Result<(), RuntimeState> {
        // A hook that fails before the snapshot is a failure of init.
        if !matches!(
            self.runtime,
            RuntimeState::Started | RuntimeState::RestoreReady
        ) {
            return Err(self.runtime);
        }
        self.runtime = RuntimeState::InitError;
        self.fail(fault);
        Ok(())
    }

    /// A response or an error begins to arrive.
    pub(crate) fn begin_answer(
        &mut self,
        request_id: &str,
        echoed: Option<&str>,
        next: RuntimeState,
    ) -> Result<Delivery, ResponseRefused> {
        let same = |text: &str, id: Uuid| Uuid::try_parse(text).is_ok_and(|parsed| parsed == id);
        if self.concurrent.is_some() {
            let id = Uuid::try_parse(request_id).map_err(|_| ResponseRefused::WrongRequestId)?;
            return self.begin_concurrent_answer(id, |delivery| {
                echoed.is_none_or(|echo| same(echo, delivery.invocation_id))
            });
        }
        let Some(invocation) = &self.invocation else {
            return Err(ResponseRefused::WrongRequestId);
        };
        if echoed.is_some_and(|echo| !same(echo, invocation.delivery.invocation_id)) {
            return Err(ResponseRefused::TimedOut);
        }
        if !same(request_id, invocation.delivery.request_id) {
            return Err(ResponseRefused::WrongRequestId);
        }
        if invocation.timed_out {
            return Err(ResponseRefused::TimedOut);
        }
        if invocation.answer.is_some() {
            return Err(ResponseRefused::WrongRequestId);
        }
        if self.runtime != RuntimeState::Running {
            return Err(ResponseRefused::WrongState(self.runtime));
        }
        self.runtime = next;
        Ok(invocation.delivery.clone())
    }

    /// The answer has arrived whole. `false` when the deadline passed while it did.
    pub(crate) fn finish_answer(&mut self, request_id: Uuid, answer: Answer) -> bool {
        if self.concurrent.is_some() {
            return self.finish_concurrent_answer(request_id, answer);
        }
        self.runtime = RuntimeState::ResponseSent;
        match &mut self.invocation {
            Some(invocation)
                if invocation.delivery.request_id == request_id && !invocation.timed_out =>
            {
                invocation.answer = Some(answer);
                true
            }
            _ => false,
        }
    }
}
