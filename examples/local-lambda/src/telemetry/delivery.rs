//! Batches to one subscriber. A receiver that fails loses its batch, and is told so by `platform.logsDropped`.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::{Destination, Hub, LogsDropped, PlatformRecord, Subscription};

/// Longest wait for an answer, while the receiver is not frozen.
const PATIENCE: Duration = Duration::from_secs(5);
/// Batches that may wait behind the one being sent, before records are dropped.
const BATCHES_WAITING: usize = 4;

/// The queue of one subscriber.
#[derive(Debug)]
pub(super) struct Feed {
    subscription: Subscription,
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    records: VecDeque<Queued>,
    bytes: usize,
    first_at: Option<Instant>,
    dropped_records: u64,
    dropped_bytes: u64,
    /// Do not wait for batches to fill.
    urgent: bool,
    sending: bool,
}

#[derive(Debug)]
struct Queued {
    text: String,
    reports_loss: bool,
}

struct Batch {
    records: Vec<Queued>,
    bytes: usize,
}

enum Receiver {
    Http {
        client: reqwest::Client,
        url: String,
    },
    Tcp {
        address: SocketAddr,
        stream: Option<TcpStream>,
    },
}

// === impl Feed ===

impl Feed {
    pub(super) fn new(subscription: Subscription) -> Self {
        Self {
            subscription,
            queue: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(super) fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Queues a record, or counts it as dropped when the receiver is that far behind.
    pub(super) fn push(&self, text: String, reports_loss: bool) {
        let mut queue = self.lock();
        let limits = self.subscription.buffering;
        if queue.records.len() >= limits.max_items * BATCHES_WAITING
            || queue.bytes >= limits.max_bytes * BATCHES_WAITING
        {
            queue.dropped_records += 1;
            queue.dropped_bytes += text.len() as u64;
            return;
        }
        queue.bytes += text.len();
        queue.records.push_back(Queued { text, reports_loss });
        queue.first_at.get_or_insert_with(Instant::now);
        drop(queue);
        self.changed.notify_waiters();
    }

    pub(super) fn pending(&self) -> usize {
        self.lock().records.len()
    }

    /// Sends everything now; from here on nothing waits for a batch to fill.
    pub(super) async fn flush(&self) {
        self.lock().urgent = true;
        self.changed.notify_waiters();
        self.until(|queue| (queue.records.is_empty() && !queue.sending).then_some(()))
            .await;
    }

    async fn until<T>(&self, mut attempt: impl FnMut(&mut Queue) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = attempt(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    /// Waits until a batch is due: full, old enough, or urgent.
    async fn due(&self) {
        let limits = self.subscription.buffering;
        loop {
            let first = self.until(|queue| queue.first_at).await;
            let full = self.until(|queue| {
                let full =
                    queue.records.len() >= limits.max_items || queue.bytes >= limits.max_bytes;
                (full || (queue.urgent && !queue.records.is_empty())).then_some(())
            });
            let _ = tokio::time::timeout_at(first + limits.timeout, full).await;
            if !self.lock().records.is_empty() {
                return;
            }
        }
    }

    fn take(&self) -> Batch {
        let limits = self.subscription.buffering;
        let mut queue = self.lock();
        let mut batch = Batch {
            records: Vec::new(),
            bytes: 0,
        };
        while batch.records.len() < limits.max_items
            && (batch.records.is_empty() || batch.bytes < limits.max_bytes)
        {
            let Some(record) = queue.records.pop_front() else {
                break;
            };
            batch.bytes += record.text.len();
            batch.records.push(record);
        }
        queue.bytes = queue.bytes.saturating_sub(batch.bytes);
        queue.first_at = (!queue.records.is_empty()).then(Instant::now);
        queue.sending = true;
        batch
    }

    /// Notes how sending went; the loss to report, unless the lost batch held nothing but such a report.
    fn sent(&self, batch: &Batch, ok: bool) -> Option<(u64, u64)> {
        let mut queue = self.lock();
        queue.sending = false;
        if !ok {
            queue.dropped_records += batch.records.len() as u64;
            queue.dropped_bytes += batch.bytes as u64;
        }
        let worth = ok || batch.records.iter().any(|record| !record.reports_loss);
        let loss = (queue.dropped_records > 0 && worth)
            .then_some((queue.dropped_records, queue.dropped_bytes));
        if loss.is_some() {
            (queue.dropped_records, queue.dropped_bytes) = (0, 0);
        }
        drop(queue);
        self.changed.notify_waiters();
        loss
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends the feed's batches, one at a time, for as long as the environment lives.
pub(super) async fn deliver(
    feed: Arc<Feed>,
    hub: Weak<Hub>,
    address: Ipv4Addr,
    mut frozen: watch::Receiver<bool>,
) {
    let mut receiver = match Receiver::new(&feed.subscription.destination, address) {
        Ok(receiver) => receiver,
        Err(error) => {
            tracing::warn!(%error, "telemetry is not delivered");
            return;
        }
    };
    loop {
        feed.due().await;
        if frozen.wait_for(|frozen| !frozen).await.is_err() {
            return;
        }
        let batch = feed.take();
        let outcome = unfrozen_patience(&mut frozen, receiver.send(&batch)).await;
        let Some((dropped_records, dropped_bytes)) = feed.sent(&batch, outcome.is_ok()) else {
            continue;
        };
        let reason = match outcome {
            Err(error) => format!("could not send events: {error}"),
            Ok(()) => "the receiver is slower than records are made".to_owned(),
        };
        tracing::debug!(dropped_records, reason, "telemetry dropped");
        let Some(hub) = hub.upgrade() else { return };
        hub.emit(&PlatformRecord::LogsDropped(LogsDropped {
            dropped_bytes,
            dropped_records,
            reason,
        }));
    }
}

/// A frozen receiver cannot answer: only time in which it runs counts.
async fn unfrozen_patience(
    frozen: &mut watch::Receiver<bool>,
    sending: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    tokio::pin!(sending);
    loop {
        frozen.borrow_and_update();
        tokio::select! {
            outcome = &mut sending => return outcome,
            () = tokio::time::sleep(PATIENCE) => {}
        }
        let froze_meanwhile = frozen.has_changed().unwrap_or(false) || *frozen.borrow();
        if !froze_meanwhile {
            return Err(format!("no answer within {} s", PATIENCE.as_secs()));
        }
        if frozen.wait_for(|frozen| !frozen).await.is_err() {
            return Err("the environment is gone".to_owned());
        }
    }
}

// === impl Receiver ===

impl Receiver {
    fn new(destination: &Destination, address: Ipv4Addr) -> Result<Self, String> {
        match destination {
            Destination::Tcp(port) => Ok(Self::Tcp {
                address: SocketAddr::from((address, *port)),
                stream: None,
            }),
            Destination::Http(url) => {
                // Port 0 stands for the URL's own. No pool: a thawed peer may have closed its connections.
                let inside = SocketAddr::from((address, 0));
                crate::tls::choose_provider();
                let client = reqwest::Client::builder()
                    .resolve("sandbox.localdomain", inside)
                    .resolve("sandbox", inside)
                    .pool_max_idle_per_host(0)
                    .no_proxy()
                    .build()
                    .map_err(|error| error.to_string())?;
                Ok(Self::Http {
                    client,
                    url: url.clone(),
                })
            }
        }
    }

    async fn send(&mut self, batch: &Batch) -> Result<(), String> {
        match self {
            Self::Http { client, url } => {
                let texts: Vec<&str> = batch
                    .records
                    .iter()
                    .map(|record| record.text.as_str())
                    .collect();
                let body = format!("[{}]", texts.join(","));
                let sequence = STANDARD.encode(Sha256::digest(body.as_bytes()));
                let request = client
                    .post(url.as_str())
                    .header("content-type", "application/json");
                let response = request
                    .header("sequence-id", sequence)
                    .body(body)
                    .send()
                    .await;
                let status = response.map_err(|error| chain(&error))?.status();
                if status.as_u16() >= 400 {
                    Err(format!("http status `{status}`"))
                } else {
                    Ok(())
                }
            }
            Self::Tcp { address, stream } => {
                let connection = match stream {
                    Some(connection) => connection,
                    None => stream.insert(
                        TcpStream::connect(*address)
                            .await
                            .map_err(|error| error.to_string())?,
                    ),
                };
                let lines: String = batch
                    .records
                    .iter()
                    .flat_map(|record| [record.text.as_str(), "\n"])
                    .collect();
                let written = connection.write_all(lines.as_bytes()).await;
                if written.is_err() {
                    *stream = None;
                }
                written.map_err(|error| error.to_string())
            }
        }
    }
}

/// The error with its causes: reqwest's own text stops at "error sending request".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
