use std::{fmt, future::Future, sync::Arc, time::Duration};

use aws_sdk_sqs::Client;
use opentelemetry::{global::BoxedTracer, metrics::Meter, trace::Tracer};
use tokio::sync::Semaphore;

use super::{
    Consumer, Retry,
    observer::Observer,
    queue::{Queue, queue_name},
    settings::{MAX_VISIBILITY, Settings},
};
use crate::flush::Flush;

/// What a [`Consumer`] can be told. What is not set has a default; what is out of range becomes the nearest that is in it.
#[must_use]
pub struct ConsumerBuilder {
    client: Client,
    url: String,
    settings: Settings,
    tracer: Option<BoxedTracer>,
    meter: Option<Meter>,
    client_spans: bool,
    flush: Option<Flush>,
}

// ===== impl ConsumerBuilder =====

impl ConsumerBuilder {
    pub(super) fn new(client: Client, url: String) -> Self {
        Self {
            client,
            url,
            settings: Settings::default(),
            tracer: None,
            meter: None,
            client_spans: false,
            flush: None,
        }
    }

    /// How many messages are held at once, 10 by default. Each one is being handled, or waits for an earlier one of its FIFO
    /// group. No more than that are ever received, so this times the size of a message bounds the memory.
    pub fn concurrency(mut self, messages: usize) -> Self {
        let most = Semaphore::MAX_PERMITS.min(usize::try_from(u32::MAX).unwrap_or(usize::MAX));
        self.settings.concurrency = messages.clamp(1, most);
        self
    }

    /// How many requests for messages are under way at once; by default one for every ten places of
    /// [`concurrency`](Self::concurrency), four at most.
    pub fn pollers(mut self, pollers: usize) -> Self {
        self.settings.pollers = Some(pollers);
        self
    }

    /// How long SQS waits for messages before it answers that there are none: 20 s by default, which is the most.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.settings.wait = wait.min(Duration::from_secs(20));
        self
    }

    /// How long messages stay invisible to others, 30 s by default, from one second up to 12 hours. While a message is held
    /// it is extended again and again: this is how soon others get the messages of a worker that died.
    pub fn visibility(mut self, visibility: Duration) -> Self {
        self.settings.visibility = visibility.clamp(Duration::from_secs(1), MAX_VISIBILITY);
        self
    }

    /// How long a handler may take, 15 minutes by default. One that takes longer is dropped at its next `await`; its message
    /// has failed, and is extended no more.
    pub fn max_processing(mut self, max: Duration) -> Self {
        self.settings.max_processing = max.min(MAX_VISIBILITY);
        self
    }

    /// When a message that failed comes back.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.settings.retry = retry;
        self
    }

    /// How long a message that was handled may wait for others to be deleted with, 100 ms by default.
    pub fn delete_within(mut self, within: Duration) -> Self {
        self.settings.delete_within = within;
        self
    }

    /// How long handlers may go on after the consumer was told to stop, 20 s by default. Then they are dropped, and their
    /// messages given back. Leave some seconds until the platform kills the process: ten are enough.
    pub fn drain(mut self, drain: Duration) -> Self {
        self.settings.drain = drain;
        self
    }

    /// The tracer of the spans; by default that of the global provider, with the scope `baton-propagators`.
    pub fn tracer<T>(mut self, tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        self.tracer = Some(BoxedTracer::new(Box::new(tracer)));
        self
    }

    /// The meter of the figures; by default that of the global provider, with the scope `baton-propagators`.
    pub fn meter(mut self, meter: Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Whether requests to SQS are spans too: `receive {queue}` when messages came, `delete {queue}` and
    /// `change_visibility {queue}`. Off by default: they say little, and there are many.
    pub fn client_spans(mut self, on: bool) -> Self {
        self.client_spans = on;
        self
    }

    /// Called before each delete request. With a function that flushes the tracer provider, a message leaves the queue only
    /// after its span has left the process, and even a process that is killed leaves no message without a span.
    ///
    /// It costs an export for every ten messages, on a thread of its own: it may block. One that takes longer than a second is
    /// not waited for, and until it has ended, deletes go on without.
    pub fn flush<F, Fut>(mut self, flush: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: Send,
    {
        self.flush = Some(Flush::new(flush));
        self
    }

    /// The consumer. Nothing is received before it runs.
    #[must_use]
    pub fn build(self) -> Consumer {
        let observer = Observer::new(
            queue_name(&self.url),
            &self.url,
            self.tracer,
            self.meter,
            self.client_spans,
        );
        Consumer {
            queue: Arc::new(Queue::new(self.client, self.url, observer)),
            settings: self.settings,
            flush: self.flush,
        }
    }
}

impl fmt::Debug for ConsumerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumerBuilder")
            .field("url", &self.url)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
