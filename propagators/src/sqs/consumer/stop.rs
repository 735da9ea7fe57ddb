//! The way from the first message to the last.

use std::{future::Future, io};

use tokio::sync::watch;

/// How far a consumer is. It only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Running,
    /// Nothing is received, nothing new is started; what was started goes on.
    Draining,
    /// The time to drain is over: handlers are dropped, their messages given back.
    Over,
    /// Every message is settled, or given up.
    Closed,
}

/// Where all tasks of a consumer look whether to go on.
#[derive(Debug)]
pub(super) struct Stop(watch::Sender<Phase>);

// ===== impl Stop =====

impl Stop {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Phase::Running))
    }

    pub(super) fn advance(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let further = to > *phase;
            *phase = to.max(*phase);
            further
        });
    }

    pub(super) fn is(&self, phase: Phase) -> bool {
        *self.0.borrow() >= phase
    }

    pub(super) async fn reached(&self, phase: Phase) {
        // It fails when the sender is gone, and that is `self`.
        let _ = self.0.subscribe().wait_for(|now| *now >= phase).await;
    }
}

/// SIGTERM or ctrl-c.
#[cfg(unix)]
pub(super) fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ctrl-c.
#[cfg(not(unix))]
pub(super) fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_only_goes_forward() {
        let stop = Stop::new();
        stop.advance(Phase::Over);
        stop.advance(Phase::Draining);
        stop.reached(Phase::Draining).await;
        assert!(stop.is(Phase::Over) && !stop.is(Phase::Closed));
    }
}
