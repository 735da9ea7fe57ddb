//! What the platform says about an invocation: `start`, `runtimeDone`, `report`, and the lines of the log tail.

use std::time::SystemTime;

use nix::unistd::Pid;
use tokio::time::Instant;
use uuid::Uuid;

use super::invoke::Caller;
use super::{Cut, memory};
use crate::clock::{millis, timestamp};
use crate::lifecycle::{Answer, Delivery};
use crate::sandbox::FUNCTION_VERSION;
use crate::telemetry::{
    BilledMetrics, PlatformRecord, Report, ReportMetrics, RuntimeDone, RuntimeDoneMetrics, Span,
    Start, Status, Telemetry, Tracing,
};

/// How far an invocation has come.
pub(super) struct Progress {
    pub(super) delivery: Delivery,
    /// Taken when the answer is sent.
    pub(super) caller: Option<Caller>,
    pub(super) began: (Instant, SystemTime),
    /// When the runtime asked for the next event.
    pub(super) runtime_done: Option<Instant>,
    /// The invocation never ran: init within it failed.
    pub(super) in_init: bool,
}

/// What an environment did before its first invocation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ColdStart {
    pub(super) init_ms: Option<f64>,
    pub(super) restore_ms: Option<f64>,
}

/// Writes the records of one invocation.
pub(super) struct Reporter<'a> {
    pub(super) telemetry: &'a Telemetry,
    pub(super) group: Option<Pid>,
    pub(super) pids: Vec<u32>,
    pub(super) memory_mb: u32,
    pub(super) cold_start: ColdStart,
    pub(super) request_id: Uuid,
    pub(super) trace_header: String,
}

// === impl Progress ===

impl Progress {
    pub(super) fn new(delivery: Delivery, caller: Caller) -> Self {
        let began = (Instant::now(), SystemTime::now());
        Self {
            delivery,
            caller: Some(caller),
            began,
            runtime_done: None,
            in_init: false,
        }
    }
}

// === impl Reporter ===

impl Reporter<'_> {
    pub(super) fn start(&self) {
        self.telemetry.emit(&PlatformRecord::Start(Start {
            request_id: self.request_id.to_string(),
            version: FUNCTION_VERSION,
            tracing: self.tracing(),
        }));
    }

    /// The runtime asked for the next event. An error that the function reported is a success of the runtime.
    pub(super) fn runtime_done(&self, progress: &Progress, answer: &Answer) {
        let done = progress.runtime_done.unwrap_or_else(Instant::now);
        let ended = answer.ended;
        let mut spans = response_spans(progress.began, answer).to_vec();
        spans.push(span("runtimeOverhead", ended.1, ended.0, done));
        let metrics = RuntimeDoneMetrics {
            duration_ms: millis(done.saturating_duration_since(progress.began.0)),
            produced_bytes: Some(answer.produced_bytes),
        };
        self.emit_runtime_done(Status::Success, None, Some(metrics), spans);
    }

    /// Everything is over.
    pub(super) fn report(&self, progress: &Progress) {
        let overhead = progress.runtime_done.map(|done| {
            let overhead = done.elapsed();
            let start = SystemTime::now()
                .checked_sub(overhead)
                .unwrap_or_else(SystemTime::now);
            Span {
                name: "extensionOverhead",
                start: timestamp(start),
                duration_ms: millis(overhead),
            }
        });
        self.emit_report(
            progress,
            Status::Success,
            None,
            overhead.into_iter().collect(),
        );
    }

    /// It was cut short: the records that are still missing.
    pub(super) fn failed(&self, progress: &Progress, cut: &Cut) {
        let (status, error_type) = match cut {
            Cut::Timeout => (Status::Timeout, None),
            Cut::Fault(fault) => (Status::Error, Some(fault.error_type.clone())),
        };
        if progress.runtime_done.is_none() {
            let duration_ms = millis(progress.began.0.elapsed());
            let metrics = RuntimeDoneMetrics {
                duration_ms,
                produced_bytes: None,
            };
            self.emit_runtime_done(status, error_type.clone(), Some(metrics), Vec::new());
        }
        self.emit_report(progress, status, error_type, Vec::new());
    }

    /// `END` and `REPORT` as CloudWatch shows them, with what is known by now.
    pub(super) fn end_lines(&self, progress: &Progress) -> String {
        let id = self.request_id;
        let (duration_ms, billed) = self.metrics(progress);
        let shown = |name: &str, ms: Option<f64>| {
            ms.map(|ms| format!("\t{name} Duration: {ms:.2} ms"))
                .unwrap_or_default()
        };
        let init = shown("Init", billed.init_duration_ms);
        let restore = shown("Restore", billed.restore_duration_ms);
        format!(
            "END RequestId: {id}\nREPORT RequestId: {id}\tDuration: {duration_ms:.2} ms\tBilled Duration: {} ms\t\
             Memory Size: {} MB\tMax Memory Used: {} MB{init}{restore}",
            billed.billed_duration_ms, billed.memory_size_mb, billed.max_memory_used_mb,
        )
    }

    fn metrics(&self, progress: &Progress) -> (f64, BilledMetrics) {
        let duration = progress.began.0.elapsed();
        let peak_bytes = self
            .group
            .map_or(0, |group| memory::peak_bytes(group, &self.pids));
        let billed = BilledMetrics {
            billed_duration_ms: u64::try_from(duration.as_micros().div_ceil(1000))
                .unwrap_or(u64::MAX),
            memory_size_mb: self.memory_mb,
            max_memory_used_mb: peak_bytes.div_ceil(1024 * 1024),
            init_duration_ms: self.cold_start.init_ms,
            restore_duration_ms: self.cold_start.restore_ms,
        };
        (millis(duration), billed)
    }

    fn emit_runtime_done(
        &self,
        status: Status,
        error_type: Option<String>,
        metrics: Option<RuntimeDoneMetrics>,
        spans: Vec<Span>,
    ) {
        self.telemetry
            .emit(&PlatformRecord::RuntimeDone(RuntimeDone {
                request_id: self.request_id.to_string(),
                status,
                error_type,
                metrics,
                spans,
                tracing: self.tracing(),
            }));
    }

    fn emit_report(
        &self,
        progress: &Progress,
        status: Status,
        error_type: Option<String>,
        spans: Vec<Span>,
    ) {
        let (duration_ms, billed) = self.metrics(progress);
        self.telemetry.emit(&PlatformRecord::Report(Report {
            request_id: self.request_id.to_string(),
            status,
            error_type,
            metrics: ReportMetrics {
                duration_ms,
                billed: Some(billed),
            },
            spans,
            tracing: self.tracing(),
        }));
    }

    fn tracing(&self) -> Option<Tracing> {
        Tracing::of(&self.trace_header)
    }
}

/// From the start to the first byte of the answer, and from there to the last.
pub(super) fn response_spans(started: (Instant, SystemTime), answer: &Answer) -> [Span; 2] {
    let (began, ended) = (answer.began, answer.ended);
    [
        span("responseLatency", started.1, started.0, began.0),
        span("responseDuration", began.1, began.0, ended.0),
    ]
}

fn span(name: &'static str, start: SystemTime, from: Instant, to: Instant) -> Span {
    Span {
        name,
        start: timestamp(start),
        duration_ms: millis(to.saturating_duration_since(from)),
    }
}
