//! Where records meet subscribers, and are remembered for those who come later in init.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::feed::Feed;
use super::{PlatformRecord, Source, Types};
use crate::clock::timestamp;
use crate::events::{EventLog, PlatformEvent};

/// Records of init kept for extensions that subscribe late.
const HISTORY_BYTES: usize = 1024 * 1024;

/// The shared side of [`super::Telemetry`].
#[derive(Debug)]
pub(super) struct Hub {
    pub(super) function: String,
    pub(super) environment: String,
    pub(super) address: Ipv4Addr,
    pub(super) json_format: bool,
    pub(super) events: EventLog,
    pub(super) frozen: watch::Sender<bool>,
    pub(super) inner: Mutex<Inner>,
}

/// What changes.
#[derive(Debug)]
pub(super) struct Inner {
    /// `None` once init is over.
    pub(super) history: Option<Vec<Record>>,
    pub(super) history_bytes: usize,
    /// Records and bytes that the history had no room for.
    pub(super) forgotten: (u64, u64),
    pub(super) feeds: Vec<Subscriber>,
    pub(super) deliveries: JoinSet<()>,
}

/// An extension that subscribed.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) name: String,
    pub(super) feed: Arc<Feed>,
    pub(super) delivery: AbortHandle,
}

/// A record before it is written for a subscriber.
#[derive(Debug, Clone)]
pub(super) enum Record {
    Platform {
        time: String,
        body: Value,
    },
    Line {
        time: String,
        source: Source,
        text: String,
    },
}

/// A record as it goes out.
#[derive(Serialize)]
struct Envelope<'a> {
    time: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    record: &'a Value,
}

// === impl Hub ===

impl Hub {
    pub(super) fn emit(&self, record: &PlatformRecord) {
        let time = timestamp(SystemTime::now());
        let Ok(mut body) = serde_json::to_value(record) else {
            return;
        };
        let event = PlatformEvent {
            function: self.function.clone(),
            environment: self.environment.clone(),
            time: time.clone(),
            kind: body
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            record: body.get_mut("record").map(Value::take).unwrap_or_default(),
        };
        let body = json!({"type": event.kind, "record": event.record});
        self.events.push(event);
        self.spread(Record::Platform { time, body });
    }

    pub(super) fn spread(&self, record: Record) {
        let mut inner = self.lock();
        for Subscriber { feed, .. } in &inner.feeds {
            self.push(feed, &record);
        }
        inner.remember(record);
    }

    pub(super) fn push(&self, feed: &Feed, record: &Record) {
        let subscription = feed.subscription();
        let (time, kind, body) = match record {
            Record::Platform { time, body } if subscription.types.platform => {
                let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
                (time, kind, body.get("record").cloned().unwrap_or_default())
            }
            Record::Line { time, source, text } if subscription.types.wants(*source) => {
                let object = (self.json_format && subscription.json_lines)
                    .then(|| json_object(text))
                    .flatten();
                (
                    time,
                    source.name(),
                    object.unwrap_or_else(|| Value::String(text.clone())),
                )
            }
            Record::Platform { .. } | Record::Line { .. } => return,
        };
        if let Ok(bytes) = serde_json::to_string(&Envelope {
            time,
            kind,
            record: &body,
        }) {
            feed.push(bytes, kind == "platform.logsDropped");
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Inner ===

impl Inner {
    /// Keeps a record of init for those who subscribe later.
    fn remember(&mut self, record: Record) {
        let Some(history) = &mut self.history else {
            return;
        };
        let bytes = record.weight();
        if self.history_bytes + bytes <= HISTORY_BYTES {
            self.history_bytes += bytes;
            history.push(record);
        } else {
            self.forgotten.0 += 1;
            self.forgotten.1 += bytes as u64;
        }
    }
}

// === impl Record ===

impl Record {
    fn weight(&self) -> usize {
        match self {
            // Platform records are small and few.
            Self::Platform { .. } => 512,
            Self::Line { text, .. } => text.len() + 64,
        }
    }
}

// === impl Types ===

impl Types {
    fn wants(self, source: Source) -> bool {
        match source {
            Source::Function => self.function,
            Source::Extension => self.extension,
        }
    }
}

fn json_object(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}
