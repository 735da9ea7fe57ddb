//! A long-poll loop for workers outside Lambda.

mod builder;
mod deletes;
mod groups;
mod lease;
mod meters;
mod observer;
mod origin;
mod outcome;
mod queue;
mod report;
mod settings;
mod stop;
mod worker;

use std::{fmt, future::Future, io, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use aws_sdk_sqs::{Client, types::Message};
use futures::{FutureExt, future::join_all};
use tokio::{sync::Semaphore, time::timeout};

pub use builder::ConsumerBuilder;
pub use report::Report;
pub use settings::Retry;

use deletes::Deletes;
use groups::Groups;
use lease::Leases;
use outcome::Outcome;
use queue::Queue;
use report::Counts;
use settings::Settings;
use stop::{Phase, Stop};
use worker::{Handler, Worker};

use crate::{failure::Failure, flush::Flush};

/// For what is left to do after the handlers: to give back, to delete.
const SETTLE: Duration = Duration::from_secs(5);

/// Receives the messages of a queue, hands each to a handler under its own `process` span, and deletes what was handled.
///
/// ```no_run
/// use aws_sdk_sqs::types::Message;
/// use baton_propagators::sqs::Consumer;
///
/// # async fn run(client: aws_sdk_sqs::Client) -> std::io::Result<()> {
/// async fn ship(message: Message) -> Result<(), String> {
///     let order = message.body().ok_or("no order")?;
///     println!("shipping {order}");
///     Ok(())
/// }
///
/// let url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";
/// let report = Consumer::builder(client, url).concurrency(32).build().run(ship).await?;
/// println!("{} shipped, {} failed", report.processed, report.failed);
/// # Ok(())
/// # }
/// ```
///
/// A message is delivered at least once: a handler may see it again, and has to stand that.
///
/// # What becomes of a message
/// - The handler returns `Ok`: it is deleted, ten in a request, or after 100 ms.
/// - It returns an error, panics, or takes too long: the message is made visible again after [`Retry`]. How often that
///   happens, and where the message goes then, is the queue's redrive policy.
/// - In a FIFO queue a group's messages are handled one after another; after one that failed, those of its group that were
///   received with it are given back without a try.
///
/// While a message is held, a heartbeat keeps it invisible to others.
///
/// # Its span
/// `process {queue}`, CONSUMER. Each message is handled by itself, so its sender is the parent by the rule of
/// [`Relation`](crate::event::Relation): a link for one out of a dead-letter queue, or whose sender did not decide whether to
/// sample. The handler runs inside of it. A failure is its status, `error.type` and an `exception` event.
///
/// # When SQS does not answer
/// It asks again, with more and more time in between, up to 30 s, for as long as it runs; one line in the log when it
/// begins, one when it ends. That is so for a queue that is gone, and for credentials that expired: nothing here can tell
/// whether they come back.
pub struct Consumer {
    queue: Arc<Queue>,
    settings: Settings,
    flush: Option<Flush>,
}

/// Ends the tasks when the future that runs them is dropped.
struct Running(Arc<Worker>);

// ===== impl Consumer =====

impl Consumer {
    /// A consumer of the queue at `url`. The client needs a sleep implementation and an HTTP client, as always; an
    /// interceptor on it is left alone.
    pub fn builder(client: Client, url: impl Into<String>) -> ConsumerBuilder {
        ConsumerBuilder::new(client, url.into())
    }

    /// Runs until SIGTERM or ctrl-c; see [`run_until`](Self::run_until).
    ///
    /// # Errors
    /// When the process cannot listen for signals; nothing was received then.
    pub async fn run<F, Fut, E>(self, handler: F) -> io::Result<Report>
    where
        F: Fn(Message) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display + Send + 'static,
    {
        let signal = stop::signal()?;
        Ok(self.run_until(handler, signal).await)
    }

    /// Runs until `stop` is there. Then it receives no more, gives back what was not started, lets handlers go on for as
    /// long as [`drain`](ConsumerBuilder::drain) says, gives back the messages of those that did not end, and deletes the
    /// rest.
    ///
    /// It has to run on tokio. Dropping the future stops at once, and gives back what it can.
    pub async fn run_until<F, Fut, E>(self, handler: F, stop: impl Future<Output = ()>) -> Report
    where
        F: Fn(Message) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display + Send + 'static,
    {
        let running = Running(Arc::new(self.worker(guarded(handler))));
        let worker = &running.0;
        let pollers: Vec<_> = (0..worker.settings.pollers())
            .map(|_| tokio::spawn(Arc::clone(worker).poll()))
            .collect();
        let heart = Arc::clone(worker);
        let deleting = Arc::clone(worker);
        let helpers = [
            tokio::spawn(async move { heart.leases.heartbeat(&heart.queue, &heart.stop).await }),
            tokio::spawn(async move { deleting.deletes.run(&deleting.stop).await }),
        ];

        stop.await;
        worker.stop.advance(Phase::Draining);
        join_all(pollers).await;
        if timeout(worker.settings.drain, worker.idle()).await.is_err() {
            worker.stop.advance(Phase::Over);
            // What does not end now blocks its thread, or waits for SQS.
            let _ = timeout(SETTLE, worker.idle()).await;
        }
        worker.stop.advance(Phase::Closed);
        let _ = timeout(SETTLE, join_all(helpers)).await;
        worker.counts.report()
    }

    fn worker(self, handler: Handler) -> Worker {
        let counts = Arc::new(Counts::default());
        let Settings {
            visibility,
            delete_within,
            concurrency,
            ..
        } = self.settings;
        let queue = self.queue;
        Worker {
            handler,
            stop: Stop::new(),
            leases: Arc::new(Leases::new(visibility)),
            deletes: Deletes::new(
                Arc::clone(&queue),
                Arc::clone(&counts),
                delete_within,
                self.flush,
            ),
            counts,
            groups: Groups::default(),
            places: Arc::new(Semaphore::new(concurrency)),
            settings: self.settings,
            queue,
        }
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("queue", &self.queue.url)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

// ===== impl Running =====

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stop.advance(Phase::Closed);
    }
}

/// A handler whose panics are outcomes like any other.
fn guarded<F, Fut, E>(handler: F) -> Handler
where
    F: Fn(Message) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: fmt::Display + Send + 'static,
{
    let handler = Arc::new(handler);
    Arc::new(move |message| {
        let handler = Arc::clone(&handler);
        // Inside of the future: a handler may panic before it returns its own.
        let run = AssertUnwindSafe(async move { handler(message).await }).catch_unwind();
        let outcome = run.map(|run| Failure::of_run(run).map_or(Outcome::Ok, Outcome::Failed));
        outcome.boxed()
    })
}
