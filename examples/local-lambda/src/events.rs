//! A bounded memory of platform records, over all environments, for tests and `--events FILE`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::broadcast;

/// One platform record and where it happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlatformEvent {
    /// The function's name.
    pub function: String,
    /// The environment's id.
    pub environment: String,
    /// When the platform produced it, RFC 3339 with milliseconds.
    pub time: String,
    /// `platform.start`, `platform.report`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The record as the Telemetry API shows it.
    pub record: Value,
}

/// The last platform records. Cheap to clone: all clones are one log.
///
/// ```
/// use local_lambda::EventLog;
///
/// let log = EventLog::new(100);
/// assert!(log.snapshot().is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct EventLog {
    memory: Arc<Mutex<Memory>>,
    live: broadcast::Sender<PlatformEvent>,
}

#[derive(Debug)]
struct Memory {
    events: VecDeque<PlatformEvent>,
    capacity: usize,
    forgotten: u64,
}

// === impl EventLog ===

impl EventLog {
    /// A log that remembers the last `capacity` records.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let memory = Memory {
            events: VecDeque::new(),
            capacity: capacity.max(1),
            forgotten: 0,
        };
        Self {
            memory: Arc::new(Mutex::new(memory)),
            live: broadcast::channel(1024).0,
        }
    }

    /// What is remembered, oldest first.
    #[must_use]
    pub fn snapshot(&self) -> Vec<PlatformEvent> {
        self.lock().events.iter().cloned().collect()
    }

    /// How many records were pushed out by newer ones.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    /// Every record from now on; a slow reader is told how many it missed.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<PlatformEvent> {
        self.live.subscribe()
    }

    pub(crate) fn push(&self, event: PlatformEvent) {
        let mut memory = self.lock();
        if memory.events.len() == memory.capacity {
            memory.events.pop_front();
            memory.forgotten += 1;
        }
        memory.events.push_back(event.clone());
        // Sent under the lock, so that live order is the remembered order. Nobody listening is no error.
        let _ = self.live.send(event);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
