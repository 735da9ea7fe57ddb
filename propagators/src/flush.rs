//! Spans leave the process before something goes on, and nothing waits for them for long.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
    time::{sleep, timeout},
};

/// The application's own function: it starts a flush, and what comes of it is of no interest here.
type Export = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// Flushes one after another; one that hangs is not joined by others.
#[derive(Clone)]
pub(crate) struct Flush {
    export: Export,
    place: Arc<Semaphore>,
    /// Whether the last one was not done in time.
    late: Arc<AtomicBool>,
}

// ===== impl Flush =====

impl Flush {
    pub(crate) fn new<F, Fut>(export: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
    {
        let export = Arc::new(export);
        Self {
            export: Arc::new(move || {
                let export = Arc::clone(&export);
                // Inside of the future: it may panic before it returns its own.
                async move { drop(export().await) }.boxed()
            }),
            place: Arc::new(Semaphore::new(1)),
            late: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Returns when the spans are gone, or after `patience`. A flush that is not done by then goes on; until it has ended,
    /// nobody waits for another.
    ///
    /// On a thread of its own, because the usual `force_flush` blocks the one that it runs on; and on none of tokio's, which a
    /// runtime waits for when it ends.
    pub(crate) async fn run(&self, patience: Duration) {
        if self.late.load(Ordering::Relaxed) && self.place.available_permits() == 0 {
            return;
        }
        let done = bounded(patience, self.export()).await;
        self.tell(done, patience);
    }

    /// Whether it went well.
    async fn export(&self) -> bool {
        let Ok(place) = Arc::clone(&self.place).acquire_owned().await else {
            return false;
        };
        let export = (self.export)();
        let Ok(runtime) = Handle::try_current() else {
            return AssertUnwindSafe(export).catch_unwind().await.is_ok();
        };
        let (done, ended) = oneshot::channel();
        let work = move || {
            runtime.block_on(export);
            drop(place);
            let _ = done.send(());
        };
        let thread = thread::Builder::new().name("flush".to_owned()).spawn(work);
        thread.is_ok() && ended.await.is_ok()
    }

    fn tell(&self, done: bool, patience: Duration) {
        let was_late = self.late.swap(!done, Ordering::Relaxed);
        if done && was_late {
            tracing::info!("spans are flushed again");
        } else if !done && !was_late {
            tracing::warn!(
                "spans were not flushed within {patience:?}: nothing waits for them until this flush has ended (not logged \
                 again until one works)"
            );
        }
    }
}

/// Without timers there is no patience.
async fn bounded(patience: Duration, work: impl Future<Output = bool>) -> bool {
    if has_timers() {
        timeout(patience, work).await.unwrap_or(false)
    } else {
        work.await
    }
}

/// There are none outside of tokio, and in a runtime that was built without: a timer panics there.
fn has_timers() -> bool {
    Handle::try_current().is_ok() && catch_unwind(|| drop(sleep(Duration::ZERO))).is_ok()
}

impl fmt::Debug for Flush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flush")
            .field("late", &self.late)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    fn counted() -> (Arc<AtomicU32>, Flush) {
        let count = Arc::<AtomicU32>::default();
        let counted = Arc::clone(&count);
        let flush = Flush::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            async {}
        });
        (count, flush)
    }

    #[test]
    fn any_executor_will_do() {
        let (count, flush) = counted();
        futures::executor::block_on(flush.run(LONG));
        let without_timers = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        without_timers.block_on(flush.run(LONG));
        assert_eq!(count.load(Ordering::Relaxed), 2);
        let whole = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        whole.block_on(flush.run(LONG));
        assert_eq!(count.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn those_who_come_together_wait_for_a_flush_of_their_own() {
        let (count, flush) = counted();
        futures::future::join_all((0..8).map(|_| flush.run(LONG))).await;
        assert_eq!(count.load(Ordering::Relaxed), 8);
    }

    #[tokio::test]
    async fn nobody_joins_one_that_hangs() {
        let (release, released) = tokio::sync::watch::channel(false);
        let started = Arc::<AtomicU32>::default();
        let count = Arc::clone(&started);
        let flush = Flush::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            let mut released = released.clone();
            async move { released.wait_for(|it| *it).await.map(drop) }
        });
        flush.run(Duration::from_millis(10)).await;
        // It would wait for ten minutes.
        flush.run(LONG).await;
        assert_eq!(started.load(Ordering::Relaxed), 1);
        release.send(true).unwrap();
        while flush.place.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        flush.run(LONG).await;
        assert_eq!(started.load(Ordering::Relaxed), 2);
        assert!(!flush.late.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn one_that_panics_is_one_that_failed() {
        let flush = Flush::new(|| async { panic!("no exporter") });
        flush.run(LONG).await;
        assert!(flush.late.load(Ordering::Relaxed));
        assert_eq!(flush.place.available_permits(), 1);
    }
}
