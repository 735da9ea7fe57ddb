//! The Telemetry API of one set of processes: records in, batches out to the extensions that subscribed.

mod delivery;
mod records;
mod subscription;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::clock::timestamp;
use crate::events::{EventLog, PlatformEvent};
use delivery::Feed;
pub(crate) use records::{
    ExtensionRecord, INITIALIZATION_TYPE, InitMetrics, InitReport, InitRuntimeDone, InitStart,
    LogsDropped, Phase, PlatformRecord, Report, ReportMetrics, RuntimeDone, RuntimeDoneMetrics,
    Span, Start, Status, TelemetrySubscription, Tracing,
};
pub(crate) use subscription::{Destination, Subscription, Types};

/// Records of init kept for extensions that subscribe late.
const HISTORY_BYTES: usize = 1024 * 1024;

/// Who wrote a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Function,
    Extension,
}

/// Takes records and hands them to every subscriber that wants their type.
#[derive(Debug)]
pub(crate) struct Telemetry {
    hub: Arc<Hub>,
}

#[derive(Debug)]
struct Hub {
    function: String,
    environment: String,
    address: Ipv4Addr,
    json_format: bool,
    events: EventLog,
    frozen: watch::Sender<bool>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// `None` once init is over.
    history: Option<Vec<Record>>,
    history_bytes: usize,
    feeds: Vec<Subscriber>,
    deliveries: JoinSet<()>,
}

#[derive(Debug)]
struct Subscriber {
    name: String,
    feed: Arc<Feed>,
    delivery: AbortHandle,
}

#[derive(Debug, Clone)]
enum Record {
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

// === impl Source ===

impl Source {
    /// The record type, and the prefix in log files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Extension => "extension",
        }
    }
}

// === impl Telemetry ===

impl Telemetry {
    pub(crate) fn new(
        function: &str,
        environment: &str,
        address: Ipv4Addr,
        json_format: bool,
        events: EventLog,
    ) -> Self {
        let inner = Inner {
            history: Some(Vec::new()),
            history_bytes: 0,
            feeds: Vec::new(),
            deliveries: JoinSet::new(),
        };
        let hub = Hub {
            function: function.to_owned(),
            environment: environment.to_owned(),
            address,
            json_format,
            events,
            frozen: watch::Sender::new(false),
            inner: Mutex::new(inner),
        };
        Self { hub: Arc::new(hub) }
    }

    /// Records what the platform did.
    pub(crate) fn emit(&self, record: &PlatformRecord) {
        self.hub.emit(record);
    }

    /// Records a line that a process wrote.
    pub(crate) fn line(&self, source: Source, text: &str) {
        let time = timestamp(SystemTime::now());
        self.hub.spread(Record::Line {
            time,
            source,
            text: text.to_owned(),
        });
    }

    /// Adds a subscriber, or replaces its earlier subscription; what init recorded so far is replayed to it.
    pub(crate) fn subscribe(&self, name: &str, subscription: Subscription) {
        let record = PlatformRecord::TelemetrySubscription(TelemetrySubscription {
            name: name.to_owned(),
            state: "Subscribed",
            types: subscription.types.names(),
        });
        let feed = Arc::new(Feed::new(subscription));
        {
            let mut inner = self.hub.lock();
            for record in inner.history.iter().flatten() {
                self.hub.push(&feed, record);
            }
            let (hub, frozen) = (Arc::downgrade(&self.hub), self.hub.frozen.subscribe());
            let delivery = delivery::deliver(Arc::clone(&feed), hub, self.hub.address, frozen);
            let delivery = inner.deliveries.spawn(delivery);
            inner.feeds.retain(|known| {
                let replaced = known.name == name;
                if replaced {
                    known.delivery.abort();
                }
                !replaced
            });
            inner.feeds.push(Subscriber {
                name: name.to_owned(),
                feed,
                delivery,
            });
        }
        self.emit(&record);
    }

    /// Init is over: late subscribers are refused, so nothing needs to be remembered for them.
    pub(crate) fn forget_history(&self) {
        self.hub.lock().history = None;
    }

    /// Nothing is delivered to a stopped process; what is due waits for the thaw.
    pub(crate) fn set_frozen(&self, frozen: bool) {
        self.hub.frozen.send_replace(frozen);
    }

    /// Sends what is buffered, without waiting for batches to fill. Used before SHUTDOWN.
    pub(crate) async fn flush(&self, patience: Duration) {
        let feeds: Vec<_> = self
            .hub
            .lock()
            .feeds
            .iter()
            .map(|known| Arc::clone(&known.feed))
            .collect();
        let all = futures::future::join_all(feeds.iter().map(|feed| feed.flush()));
        let _ = tokio::time::timeout(patience, all).await;
    }

    /// Ends all deliveries: the receivers are gone.
    pub(crate) fn close(&self) {
        let mut inner = self.hub.lock();
        inner.deliveries.abort_all();
        for Subscriber { feed, .. } in inner.feeds.drain(..) {
            let left = feed.pending();
            if left > 0 {
                tracing::debug!(
                    function = self.hub.function,
                    records = left,
                    "telemetry dropped with its receiver"
                );
            }
        }
    }
}

// === impl Hub ===

impl Hub {
    fn emit(&self, record: &PlatformRecord) {
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

    fn spread(&self, record: Record) {
        let mut inner = self.lock();
        for Subscriber { feed, .. } in &inner.feeds {
            self.push(feed, &record);
        }
        let bytes = record.weight();
        if inner.history.is_some() && inner.history_bytes + bytes <= HISTORY_BYTES {
            inner.history_bytes += bytes;
            if let Some(history) = &mut inner.history {
                history.push(record);
            }
        }
    }

    fn push(&self, feed: &Feed, record: &Record) {
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

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
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
