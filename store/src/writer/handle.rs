//! What others hold of the writer.

use std::fmt;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};
use tokio::sync::{oneshot, watch};

use super::budget::{Budget, Lease};
use super::thread::{Job, Message, write_until_closed};
use crate::otlp::SpanBatch;
use crate::schema::Store;

/// So many requests may wait for the next commit.
const WAITING_REQUESTS: usize = 1_024;
/// What all requests that are read, decoded or waiting may hold together.
const MEMORY_MIB: u32 = 512;

/// What makes a request the same request: the SHA-256 of its uncompressed body.
///
/// ```
/// use baton_store::writer::Key;
///
/// assert_eq!(Key::of(b"one body"), Key::of(b"one body"));
/// assert_ne!(Key::of(b"one body"), Key::of(b"another"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of an uncompressed body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its spans are durable now.
    Stored,
    /// They were before.
    Duplicate,
}

/// Why a request was not stored. In each case the sender may send it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Too many wait.
    #[error("{WAITING_REQUESTS} requests wait to be stored: try again in a second")]
    Full,
    /// Those that wait or are being decoded hold too much memory.
    #[error("the requests being stored hold {MEMORY_MIB} MiB: try again in a second")]
    Busy,
    /// The writer was closed, or its database can no longer be used.
    #[error("the store takes no more spans, it is being closed: try again later")]
    Closed,
    /// DuckDB refused.
    #[error("the spans could not be stored: {0}")]
    Refused(String),
}

/// Hands requests to the writing thread. Clones share it.
///
/// ```
/// use baton_store::otlp::SpanBatch;
/// use baton_store::schema::{Settings, Store};
/// use baton_store::writer::{Key, Outcome, Writer};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let folder = tempfile::tempdir()?;
/// let url = baton_store::url::StoreUrl::duckdb(folder.path().join("spans.duckdb"));
/// let writer = Writer::start(Store::open(&url, &Settings::default())?)?;
///
/// let key = Key::of(b"the body");
/// assert_eq!(writer.write(key, SpanBatch::default(), writer.lease()).await?, Outcome::Stored);
/// assert_eq!(writer.write(key, SpanBatch::default(), writer.lease()).await?, Outcome::Duplicate);
/// writer.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Writer {
    sender: SyncSender<Message>,
    budget: Budget,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
    /// Its sender lives in the thread: it ends with it.
    running: watch::Receiver<()>,
}

impl Writer {
    /// Starts the thread; the store is its own from now on.
    ///
    /// # Errors
    /// Fails when the operating system gives no thread.
    pub fn start(store: Store) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING_REQUESTS);
        let (alive, running) = watch::channel(());
        let thread = std::thread::Builder::new()
            .name("baton-writer".into())
            .spawn(move || {
                write_until_closed(&store, &receiver);
                drop(alive);
            })?;
        Ok(Self {
            sender,
            budget: Budget::of_mib(MEMORY_MIB),
            thread: Arc::new(Mutex::new(Some(thread))),
            running,
        })
    }

    /// Memory for one request, nothing yet.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.budget.lease()
    }

    /// Waits until the spans are durable. The lease is kept until then, also when the caller gives up.
    ///
    /// # Errors
    /// See [`WriteError`]; nothing of the request is stored then.
    pub async fn write(
        &self,
        key: Key,
        spans: SpanBatch,
        lease: Lease,
    ) -> Result<Outcome, WriteError> {
        let (answer, outcome) = oneshot::channel();
        let job = Job {
            key,
            spans,
            answer,
            _lease: lease,
        };
        self.sender
            .try_send(Message::Write(job))
            .map_err(|error| match error {
                TrySendError::Full(_) => WriteError::Full,
                TrySendError::Disconnected(_) => WriteError::Closed,
            })?;
        outcome.await.unwrap_or(Err(WriteError::Closed))
    }

    /// Comes back when the thread has ended: after [`Writer::close`], or when its database can no longer be used.
    pub async fn ended(&self) {
        // Nothing is ever sent: the only change is the end.
        let _ = self.running.clone().changed().await;
    }

    /// Is it still there?
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.has_changed().is_ok()
    }

    /// Commits what waits, takes the log into the file, closes it, and comes back then. Later writes fail.
    pub async fn close(&self) {
        let (sender, thread) = (self.sender.clone(), Arc::clone(&self.thread));
        let join = move || {
            // An error means that the thread has ended.
            let _ = sender.send(Message::Close);
            let thread = thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            thread.map(JoinHandle::join)
        };
        if let Ok(Some(Err(_))) = tokio::task::spawn_blocking(join).await {
            tracing::error!("the writing thread panicked");
        }
        self.ended().await;
    }
}
