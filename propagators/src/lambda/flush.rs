//! Spans leave the process between the answer and the next event, within a bound.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{runtime::Handle, sync::Semaphore, task::spawn_blocking, time::timeout};

/// What the application flushes with: a future that never panics and has nothing to say.
pub(super) type Export = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

pub(super) const DEFAULT_WITHIN: Duration = Duration::from_secs(5);
/// Left of the function's time for the request for the next event.
const MARGIN: Duration = Duration::from_millis(100);

pub(super) struct Flush {
    export: Export,
    within: Duration,
    /// One flush at a time: one that hangs is not joined by others.
    place: Arc<Semaphore>,
    late: AtomicBool,
}

// ===== impl Flush =====

impl Flush {
    pub(super) fn new(export: Export, within: Duration) -> Self {
        Self {
            export,
            within,
            place: Arc::new(Semaphore::new(1)),
            late: AtomicBool::new(false),
        }
    }

    /// Returns when the spans are gone, or when it may wait no longer. A flush that is not done then goes on; until it is,
    /// nobody waits.
    ///
    /// On a thread of its own, because the usual `force_flush` blocks the one that it runs on.
    pub(super) async fn run(self: Arc<Self>, deadline: SystemTime) {
        let Ok(place) = Arc::clone(&self.place).try_acquire_owned() else {
            return;
        };
        let export = (self.export)();
        let Ok(runtime) = Handle::try_current() else {
            return export.await;
        };
        let patience = patience(self.within, deadline, SystemTime::now());
        let flushing = async {
            let work = move || {
                runtime.block_on(export);
                drop(place);
            };
            timeout(patience, spawn_blocking(work)).await
        };
        // A runtime may lack timers, which shows in a panic.
        let done = AssertUnwindSafe(flushing).catch_unwind().await;
        self.tell(matches!(done, Ok(Ok(Ok(())))), patience);
    }

    fn tell(&self, in_time: bool, patience: Duration) {
        let was_late = self.late.swap(!in_time, Ordering::Relaxed);
        if in_time && was_late {
            tracing::info!("spans are flushed in time again");
        } else if !in_time && !was_late {
            tracing::warn!(
                "spans were not flushed within {patience:?}: the function goes on, and waits for no other flush until this \
                 one has ended (not logged again until one is in time)"
            );
        }
    }
}

impl fmt::Debug for Flush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flush")
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}

/// What is left of the function's time, where Lambda says it.
fn patience(within: Duration, deadline: SystemTime, now: SystemTime) -> Duration {
    if deadline == UNIX_EPOCH {
        return within;
    }
    let left = deadline.duration_since(now).unwrap_or_default();
    within.min(left.saturating_sub(MARGIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_longer_than_the_function_may_run() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let ms = Duration::from_millis;
        for (deadline, expected) in [
            (now + ms(60_000), ms(5000)),
            (now + ms(1100), ms(1000)),
            (now + ms(100), ms(0)),
            (now - ms(100), ms(0)),
            (UNIX_EPOCH, ms(5000)),
        ] {
            assert_eq!(patience(ms(5000), deadline, now), expected);
        }
    }

    /// Outside of tokio, and on a runtime without timers, an invocation ends as ever.
    #[test]
    fn any_executor_will_do() {
        let count = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&count);
        let export: Export = Arc::new(move || {
            done.store(true, Ordering::Relaxed);
            async {}.boxed()
        });
        let flush = Arc::new(Flush::new(export, DEFAULT_WITHIN));
        futures::executor::block_on(Arc::clone(&flush).run(UNIX_EPOCH));
        assert!(count.swap(false, Ordering::Relaxed));
        let bare = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        bare.block_on(flush.run(UNIX_EPOCH));
        assert!(count.load(Ordering::Relaxed));
    }
}
