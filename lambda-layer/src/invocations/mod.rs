//! Invocations as the proxy and the Telemetry API see them, and the spans that come of it.
//!
//! ```text
//!  /next ──> begin ──> Open ──┬── answer or error post ──> ended ──┐
//!                             └── Telemetry API records ───────────┴──> close ──> spans into the buffer
//! ```
//!
//! Everything is keyed by the request id: records come in any order, and with Managed Instances invocations overlap.

mod begin;
mod close;
mod failure;
mod function;
mod open;
mod outcome;
mod phases;
mod records;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use baton_propagators::context::TraceContext;
use baton_propagators::event::Reader;
use bytes::Bytes;

use crate::buffer::Buffer;
use crate::config::Tracing;
use crate::span::{self, Resource, Span, now_ns};

pub use begin::HandOn;
pub use failure::Failure;

use open::{Ending, Open};
use phases::Phases;

/// Managed Instances run 1,600 at once; more than that are invocations that Lambda has forgotten.
const MAX_OPEN: usize = 2048;
/// Invocations whose report is still to come.
const MAX_CLOSED: usize = 64;

/// All invocations of this environment.
///
/// ```
/// use std::sync::Arc;
/// use baton_lambda_layer::{Buffer, Config, Invocations};
///
/// let buffer = Arc::new(Buffer::new(100_000, true));
/// let (config, _) = Config::parse(&[].into());
/// let invocations = Invocations::new(config.tracing, Arc::clone(&buffer));
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("lambda-runtime-aws-request-id", "r1".parse()?);
/// let hand_on = invocations.begin(&headers, br#"{"tidy": true}"#).unwrap();
/// assert!(hand_on.trace_header.unwrap().to_str()?.ends_with(";Sampled=1"));
///
/// invocations.answered("r1", "{}".into(), false);
/// assert_eq!(buffer.counts().made, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Invocations {
    settings: Tracing,
    reader: Reader,
    buffer: Arc<Buffer>,
    state: Mutex<State>,
    /// Whether records will tell the ends of invocations.
    has_telemetry: AtomicBool,
    /// Whether the runtime calls through the proxy: without that its invocations are not ours to tell of.
    is_behind_proxy: AtomicBool,
    pub(crate) unread: Unread,
}

/// What was passed on without having been understood.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    /// Events beyond the bound of what is read.
    pub(crate) events: AtomicU64,
    /// Telemetry records of an unknown shape.
    pub(crate) records: AtomicU64,
    /// Events at which our own code panicked.
    pub(crate) panics: AtomicU64,
    /// Invocations that were forgotten because too many were open.
    pub(crate) invocations: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    open: HashMap<String, Open>,
    closed: VecDeque<Closed>,
    phases: Phases,
    has_begun: bool,
    is_active_tracing: bool,
    /// The last invocations: what Lambda said of them, and whether the runtime has asked for them.
    announced: VecDeque<Announced>,
}

/// An invocation whose spans are made.
#[derive(Debug)]
struct Closed {
    request_id: String,
    context: TraceContext<'static>,
    end_ns: u64,
}

/// An event that was delivered, `platform.start`, or INVOKE: whatever came first.
#[derive(Debug)]
struct Announced {
    request_id: String,
    /// Whether the runtime has its event: its span is made elsewhere, or not at all.
    has_begun: bool,
    start_ns: u64,
    trace_header: Option<String>,
}

impl Invocations {
    /// None yet. Their spans go into `buffer`.
    #[must_use]
    pub fn new(settings: Tracing, buffer: Arc<Buffer>) -> Arc<Self> {
        Arc::new(Self {
            reader: Reader::new(settings.formats),
            settings,
            buffer,
            state: Mutex::default(),
            has_telemetry: AtomicBool::new(false),
            is_behind_proxy: AtomicBool::new(false),
            unread: Unread::default(),
        })
    }

    /// From now on the Telemetry API tells when an invocation has ended.
    pub(crate) fn expect_telemetry(&self) {
        self.has_telemetry.store(true, Ordering::Relaxed);
    }

    /// The exec wrapper has put the runtime behind the proxy.
    pub(crate) fn expect_runtime(&self, instance: Option<&str>) {
        self.is_behind_proxy.store(true, Ordering::Relaxed);
        if let Some(instance) = instance {
            self.settings.resource.set_instance(instance);
        }
    }

    /// Whether the runtime has had an event.
    pub(crate) fn have_begun(&self) -> bool {
        self.lock().has_begun
    }

    /// The runtime has posted its answer, and Lambda took it. `bytes` is as much of it as was kept.
    pub fn answered(&self, request_id: &str, bytes: Bytes, is_stream: bool) {
        self.ended(request_id, Ending::Answer { bytes, is_stream });
    }

    /// The runtime has posted an error, or ended a stream with one.
    pub fn failed(&self, request_id: &str, failure: Failure) {
        self.ended(request_id, Ending::Failure(failure));
    }

    fn ended(&self, request_id: &str, ending: Ending) {
        let mut state = self.lock();
        let Some(open) = state.open.get_mut(request_id) else {
            return;
        };
        open.ending = Some((now_ns(), ending));
        if open.report.is_some() || !self.has_telemetry.load(Ordering::Relaxed) {
            let spans = self.close(&mut state, request_id);
            drop(state);
            self.emit(spans);
        }
    }

    fn emit(&self, spans: Vec<Span>) {
        for (body, count) in span::encode(&self.settings.resource, spans) {
            self.buffer.make(body, count);
        }
    }

    fn resource(&self) -> &Resource {
        &self.settings.resource
    }

    // A panic elsewhere must not end the function.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn announce(&mut self, announced: Announced) {
        let mut known = self.announced.iter_mut();
        if let Some(known) = known.find(|it| it.request_id == announced.request_id) {
            known.has_begun |= announced.has_begun;
            return;
        }
        if self.announced.len() == MAX_CLOSED {
            self.announced.pop_front();
        }
        self.announced.push_back(announced);
    }
}

#[cfg(test)]
mod tests;
