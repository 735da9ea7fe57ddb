//! What others hold of the writer.

use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use duckdb::Connection;
use tokio::sync::{oneshot, watch};

use super::budget::{Budget, Lease};
use super::committer::{Committer, Job, Message};
use super::intake::Intake;
use super::sealer::Sealer;
use crate::hot::{Key, Keys, Live, Snapshot, recent_keys};
use crate::otlp::SpanBatch;
use crate::schema::Store;

/// So many requests may wait for the next commit.
const WAITING_REQUESTS: usize = 1_024;
/// What all requests that are read, decoded or waiting may hold together.
const MEMORY_MIB: u32 = 192;
/// So many requests may wait to be written to a segment after they were acknowledged; then the next commit waits.
const UNSEALED_REQUESTS: usize = 64;
/// Nobody waits for these.
const SEALED_SEGMENTS: usize = 1_024;

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
    /// The disk refused.
    #[error("the spans could not be stored: {0}; check the disk")]
    Refused(String),
}

/// Hands requests to the writing threads. Clones share them.
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
/// let body = bytes::Bytes::from_static(b"");
/// let key = Key::of(&body);
/// let write = || writer.write(key, body.clone(), SpanBatch::default(), writer.lease());
/// assert_eq!(write().await?, Outcome::Stored);
/// assert_eq!(write().await?, Outcome::Duplicate);
/// writer.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Writer {
    sender: SyncSender<Message>,
    budget: Budget,
    live: Live,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
    /// Its sender lives in the last thread: it ends with it.
    running: watch::Receiver<()>,
}

impl Writer {
    /// Starts the threads; the store is their own from now on.
    ///
    /// # Errors
    /// Fails when the operating system gives no thread, and when the store does not say which requests it knows.
    pub fn start(store: Store) -> io::Result<Self> {
        let (sender, jobs) = sync_channel(WAITING_REQUESTS);
        let (seal, unsealed) = sync_channel(UNSEALED_REQUESTS);
        let (take_in, sealed) = sync_channel(SEALED_SEGMENTS);
        let (alive, running) = watch::channel(());
        let (folder, live) = (store.folder().clone(), store.live().clone());
        let keys = known_keys(&store).map_err(io::Error::other)?;

        let committer = Committer::new(folder.clone(), store.next_number(), keys, seal);
        let sealer = Sealer::new(folder, live.clone(), take_in);
        let intake = Intake::new(store);
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.into()).spawn(work)
        };
        let threads = vec![
            spawn("baton-commit", Box::new(move || committer.run(&jobs)))?,
            spawn("baton-seal", Box::new(move || sealer.run(&unsealed)))?,
            spawn(
                "baton-intake",
                Box::new(move || {
                    intake.run(&sealed);
                    drop(alive);
                }),
            )?,
        ];
        Ok(Self {
            sender,
            budget: Budget::of_mib(MEMORY_MIB),
            live,
            threads: Arc::new(Mutex::new(threads)),
            running,
        })
    }

    /// Memory for one request, nothing yet.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.budget.lease()
    }

    /// Waits until the request is durable. The lease is kept until its spans are in a segment, also when the caller gives up.
    ///
    /// # Errors
    /// See [`WriteError`]; nothing of the request is stored then.
    pub async fn write(
        &self,
        key: Key,
        body: Bytes,
        spans: SpanBatch,
        lease: Lease,
    ) -> Result<Outcome, WriteError> {
        let (answer, outcome) = oneshot::channel();
        let job = Job {
            key,
            body,
            spans,
            answer,
            lease,
        };
        self.send(Message::Write(job))?;
        outcome.await.unwrap_or(Err(WriteError::Closed))
    }

    /// Waits until whatever was acknowledged can be read by [`Writer::begin_read`].
    ///
    /// # Errors
    /// Fails when it could not be written to a segment; it is durable all the same.
    pub async fn seal(&self) -> Result<(), WriteError> {
        let (answer, sealed) = oneshot::channel();
        self.send(Message::Seal(answer))?;
        sealed.await.map_err(|_| WriteError::Closed)
    }

    /// Begins a read-only transaction on a connection to the store, in which `baton_data.spans` and all that is built on it hold what
    /// was sealed by now. Whoever calls it ends the transaction, then drops the snapshot.
    ///
    /// # Errors
    /// What DuckDB says.
    pub fn begin_read(&self, connection: &Connection) -> duckdb::Result<Snapshot> {
        self.live.begin_read(connection)
    }

    pub(crate) fn live(&self) -> &Live {
        &self.live
    }

    fn send(&self, message: Message) -> Result<(), WriteError> {
        self.sender.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => WriteError::Full,
            TrySendError::Disconnected(_) => WriteError::Closed,
        })
    }

    /// Comes back when the threads have ended: after [`Writer::close`], or when the store can no longer be written.
    pub async fn ended(&self) {
        // Nothing is ever sent: the only change is the end.
        let _ = self.running.clone().changed().await;
    }

    /// Are they still there?
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.has_changed().is_ok()
    }

    /// Stores what waits, takes everything into the file, closes it, and comes back then. Later writes fail.
    pub async fn close(&self) {
        let (sender, threads) = (self.sender.clone(), Arc::clone(&self.threads));
        let join = move || {
            // An error means that the thread has ended.
            let _ = sender.send(Message::Close);
            let threads =
                std::mem::take(&mut *threads.lock().unwrap_or_else(PoisonError::into_inner));
            threads.into_iter().all(|thread| thread.join().is_ok())
        };
        if !tokio::task::spawn_blocking(join).await.unwrap_or(false) {
            tracing::error!("a writing thread panicked");
        }
        self.ended().await;
    }
}

fn known_keys(store: &Store) -> duckdb::Result<Keys> {
    let mut keys = Keys::default();
    let now_s = time::OffsetDateTime::now_utc().unix_timestamp();
    for (key, received_s) in recent_keys(store.connection(), now_s)? {
        keys.insert(&key, received_s);
    }
    for segment in store.live().all() {
        for receipt in &segment.receipts {
            keys.insert(&receipt.key, receipt.received_s);
        }
    }
    Ok(keys)
}
