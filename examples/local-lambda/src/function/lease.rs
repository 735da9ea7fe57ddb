//! Who gets which environment: a warm one, one that is almost free, a new one, or none.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Function, Seated};
use crate::environment::{EnvironmentState, View};
use crate::invocation::InvokeError;

/// How long a caller waits for an environment whose last caller has been answered. A runtime asks for the next event right
/// after its answer: without this a client that calls again at once would start a second environment, or be throttled.
const ALMOST_FREE: Duration = Duration::from_millis(100);

/// A place in the pool; given back when dropped, however that comes about.
#[derive(Debug)]
pub(super) struct Seat {
    function: Weak<Function>,
    pub(super) view: Option<Arc<View>>,
}

/// A caller in line; gives its place back when dropped.
struct Waiting<'a> {
    function: &'a Function,
}

/// What a caller got.
pub(super) enum Lease {
    Warm(Box<Seated>),
    Cold(Seat),
}

// === impl Function ===

impl Function {
    /// The environment for one invocation.
    pub(super) async fn lease(&self) -> Result<Lease, InvokeError> {
        if let Some(lease) = self.warm()? {
            return Ok(lease);
        }
        if let Some(_place) = self.wait_in_line() {
            let deadline = Instant::now() + ALMOST_FREE;
            loop {
                let freed = self.freed.notified();
                tokio::pin!(freed);
                freed.as_mut().enable();
                if let Some(lease) = self.warm()? {
                    return Ok(lease);
                }
                if timeout_at(deadline, freed).await.is_err() {
                    break;
                }
            }
        }
        self.cold()
    }

    fn warm(&self) -> Result<Option<Lease>, InvokeError> {
        let mut pool = self.lock();
        if pool.closed {
            return Err(self.shut_down());
        }
        Ok(pool.idle.pop().map(|seated| Lease::Warm(Box::new(seated))))
    }

    /// No more callers wait than environments are about to be free.
    fn wait_in_line(&self) -> Option<Waiting<'_>> {
        let mut pool = self.lock();
        let finishing = pool
            .views
            .iter()
            .filter(|view| view.status().state == EnvironmentState::Finishing)
            .count();
        (pool.waiting < finishing).then(|| {
            pool.waiting += 1;
            Waiting { function: self }
        })
    }

    /// A place for a new environment.
    pub(super) fn new_seat(&self) -> Result<Lease, InvokeError> {
        if self.lock().closed {
            return Err(self.shut_down());
        }
        self.cold()
    }

    fn cold(&self) -> Result<Lease, InvokeError> {
        let limit = self.config.concurrency;
        let taken = self.seats.send_if_modified(|seats| {
            let free = *seats < limit;
            *seats += usize::from(free);
            free
        });
        if !taken {
            return Err(InvokeError::Throttled {
                function: self.config.name.clone(),
                limit,
            });
        }
        Ok(Lease::Cold(Seat {
            function: self.me.clone(),
            view: None,
        }))
    }
}

// === impl Waiting ===

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.function.lock().waiting -= 1;
    }
}

// === impl Seat ===

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(function) = self.function.upgrade() else {
            return;
        };
        if let Some(view) = &self.view {
            function
                .lock()
                .views
                .retain(|known| !Arc::ptr_eq(known, view));
        }
        function
            .seats
            .send_modify(|seats| *seats = seats.saturating_sub(1));
    }
}
