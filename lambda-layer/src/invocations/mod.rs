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

pub(crate) use begin::HandOn;
pub(crate) use failure::Failure;

use open::{Ending, Open};
use phases::Phases;

/// Managed Instances run 1,600 at once; more than that are invocations that Lambda has forgotten.
const MAX_OPEN: usize = 2048;
/// Invocations whose report is still to come.
const MAX_CLOSED: usize = 64;

/// All invocations of this environment.
#[derive(Debug)]
pub(crate) struct Invocations {
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
    /// What Lambda said of invocations that the runtime has not asked for.
    announced: VecDeque<Announced>,
}

/// An invocation whose spans are made.
#[derive(Debug)]
struct Closed {
    request_id: String,
    context: TraceContext<'static>,
    end_ns: u64,
}

/// `platform.start`, or the INVOKE event.
#[derive(Debug)]
struct Announced {
    request_id: String,
    start_ns: u64,
    trace_header: Option<String>,
}

impl Invocations {
    pub(crate) fn new(settings: Tracing, buffer: Arc<Buffer>) -> Arc<Self> {
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

    /// The runtime has posted its answer, and Lambda took it. `bytes` is as much of it as was kept.
    pub(crate) fn answered(&self, request_id: &str, bytes: Bytes, is_stream: bool) {
        self.ended(request_id, Ending::Answer { bytes, is_stream });
    }

    /// The runtime has posted an error, or ended a stream with one.
    pub(crate) fn failed(&self, request_id: &str, failure: Failure) {
        self.ended(request_id, Ending::Failure(failure));
    }

    fn ended(&self, request_id: &str, ending: Ending) {
        let mut state = self.lock();
        let Some(open) = state.open.get_mut(request_id) else {
            return;
        };
        open.ending = Some((now_ns(), ending));
        if !self.has_telemetry.load(Ordering::Relaxed) {
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
        if self
            .announced
            .iter()
            .any(|it| it.request_id == announced.request_id)
        {
            return;
        }
        if self.announced.len() == MAX_CLOSED {
            self.announced.pop_front();
        }
        self.announced.push_back(announced);
    }
}
