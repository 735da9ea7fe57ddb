//! The Telemetry API of one set of processes: records in, batches out to the extensions that subscribed.

mod delivery;
mod feed;
mod hub;
mod records;
mod subscription;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::timestamp;
use crate::events::EventLog;
use feed::Feed;
use hub::{Hub, Inner, Record, Subscriber};
pub(crate) use records::{
    BilledMetrics, ExtensionRecord, InitMetrics, InitReport, InitRuntimeDone, InitStart,
    LogsDropped, Phase, PlatformRecord, Report, ReportMetrics, RestoreReport, RestoreRuntimeDone,
    RestoreStart, RuntimeDone, RuntimeDoneMetrics, Span, Start, Status, TelemetrySubscription,
    Tracing,
};
pub(crate) use subscription::{Destination, Subscription, Types};

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
            forgotten: (0, 0),
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
            let (records, bytes) = inner.forgotten;
            feed.lost(records, bytes);
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
