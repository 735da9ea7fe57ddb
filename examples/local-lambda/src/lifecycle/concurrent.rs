//! Several invocations side by side, as Lambda Managed Instances run them:
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::{Answer, Delivery, Fault, Invocation, Lifecycle, ResponseRefused};

/// The invocations of one environment, and the workers that ask for more.
#[derive(Debug)]
pub(crate) struct Concurrent {
    max: usize,
    idle: usize,
    waiting: VecDeque<Invocation>,
    /// Handed out and not answered. One that timed out stays: its worker is still busy with it.
    running: HashMap<Uuid, Invocation>,
}

// === impl Concurrent ===

impl Concurrent {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            idle: 0,
            waiting: VecDeque::new(),
            running: HashMap::new(),
        }
    }

    pub(super) fn take(&mut self) -> Option<Delivery> {
        let invocation = self.waiting.pop_front()?;
        let delivery = invocation.delivery.clone();
        self.running.insert(delivery.request_id, invocation);
        Some(delivery)
    }

    pub(super) fn find(&mut self, request_id: Uuid) -> Option<&mut Invocation> {
        self.running.get_mut(&request_id)
    }
}

// === impl Lifecycle ===

impl Lifecycle {
    /// One more worker waits. Lambda ends an environment that has more of them than it may run.
    pub(super) fn worker_waits(&mut self) {
        if let Some(concurrent) = &mut self.concurrent {
            concurrent.idle += 1;
            if concurrent.idle > concurrent.max {
                let message = "Error: the runtime asks for more events at once than it may handle";
                self.fail(Fault::new("Runtime.TooManyIdleRuntimes", message));
            }
        }
    }

    /// It has an event, or hung up.
    pub(crate) fn worker_left(&mut self) {
        if let Some(concurrent) = &mut self.concurrent {
            concurrent.idle = concurrent.idle.saturating_sub(1);
        }
    }

    /// Queues an invocation for the next worker; `false` when as many run as may.
    pub(crate) fn begin_concurrent(&mut self, invocation: Invocation) -> bool {
        let Some(concurrent) = &mut self.concurrent else {
            return false;
        };
        let free = concurrent.running.len() + concurrent.waiting.len() < concurrent.max;
        if free {
            concurrent.waiting.push_back(invocation);
        }
        free
    }

    /// The answer of an invocation, once; the worker is then free again.
    pub(crate) fn take_concurrent_answer(&mut self, request_id: Uuid) -> Option<Answer> {
        let concurrent = self.concurrent.as_mut()?;
        let answer = concurrent.running.get_mut(&request_id)?.answer.take()?;
        concurrent.running.remove(&request_id);
        Some(answer)
    }

    /// The deadline passed. The code runs on; what it answers is refused.
    pub(crate) fn time_out_concurrent(&mut self, request_id: Uuid) {
        if let Some(concurrent) = &mut self.concurrent {
            concurrent
                .waiting
                .retain(|waiting| waiting.delivery.request_id != request_id);
            if let Some(invocation) = concurrent.find(request_id) {
                invocation.timed_out = true;
            }
        }
    }

    pub(super) fn begin_concurrent_answer(
        &mut self,
        request_id: Uuid,
        is_ours: impl FnOnce(&Delivery) -> bool,
    ) -> Result<Delivery, ResponseRefused> {
        let concurrent = self.concurrent.as_mut();
        let Some(invocation) = concurrent.and_then(|concurrent| concurrent.find(request_id)) else {
            return Err(ResponseRefused::WrongRequestId);
        };
        if !is_ours(&invocation.delivery) {
            return Err(ResponseRefused::TimedOut);
        }
        if invocation.timed_out {
            if let Some(concurrent) = &mut self.concurrent {
                concurrent.running.remove(&request_id);
            }
            return Err(ResponseRefused::TimedOut);
        }
        if std::mem::replace(&mut invocation.answering, true) {
            return Err(ResponseRefused::WrongRequestId);
        }
        Ok(invocation.delivery.clone())
    }

    pub(super) fn finish_concurrent_answer(&mut self, request_id: Uuid, answer: Answer) -> bool {
        let Some(concurrent) = &mut self.concurrent else {
            return false;
        };
        match concurrent.find(request_id) {
            Some(invocation) if !invocation.timed_out => {
                invocation.answer = Some(answer);
                true
            }
            _ => {
                concurrent.running.remove(&request_id);
                false
            }
        }
    }
}
