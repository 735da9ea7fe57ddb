//! Init and restore: what comes before the first invocation.

use baton_propagators::attribute as a;
use baton_propagators::context::TraceContext;
use opentelemetry::trace::SpanKind;

use super::Failure;
use crate::span::{Attribute, Span, span_id};
use crate::telemetry::{Record, Status};

/// Init of a provisioned environment may lie hours before the first invocation: no part of its waterfall.
const BELONGS_WITHIN_NS: u64 = 10_000_000_000;

/// Init and restore of this environment.
#[derive(Debug, Default)]
pub(super) struct Phases {
    pub(super) init: Phase,
    pub(super) restore: Phase,
    /// The first invocation: it is what waited.
    pub(super) first: Option<TraceContext<'static>>,
}

/// One of them.
#[derive(Debug, Default)]
pub(super) struct Phase {
    start_ns: Option<u64>,
    end_ns: Option<u64>,
    duration_ms: Option<f64>,
    has_failed: bool,
    error_type: Option<String>,
    /// What the runtime posted itself.
    pub(super) failure: Option<Failure>,
    trace_header: Option<String>,
    pub(super) is_told: bool,
}

// ===== impl Phase =====

impl Phase {
    /// It begins; a second time, when Lambda repeats an init that failed.
    pub(super) fn start(&mut self, record: &Record) {
        // What has no beginning yet is this one: the record of it may come after the runtime's post.
        let told = std::mem::take(self);
        let told = Some(told).filter(|told| told.start_ns.is_none());
        *self = Self {
            start_ns: record.time_ns,
            trace_header: record.trace_header.clone(),
            ..told.unwrap_or_default()
        };
    }

    pub(super) fn done(&mut self, record: &Record) {
        self.end_ns = self.end_ns.or(record.time_ns);
        self.duration_ms = record.metrics.duration_ms.or(self.duration_ms);
        self.has_failed |= record.status != Status::Success;
        if self.error_type.is_none() {
            self.error_type.clone_from(&record.error_type);
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed || self.failure.is_some()
    }

    pub(super) const fn duration_ms(&self) -> Option<f64> {
        self.duration_ms
    }

    pub(super) fn trace_header(&self) -> Option<&str> {
        self.trace_header.as_deref()
    }

    /// How it failed, in the runtime's words or else in Lambda's.
    pub(super) fn why(&self, name: &str) -> Option<Failure> {
        if !self.has_failed() {
            return None;
        }
        let told = self.failure.clone();
        Some(told.unwrap_or_else(|| {
            let kind = self.error_type.clone().unwrap_or_default();
            Failure::new(
                kind,
                format!("{name} failed before the function could be called"),
            )
        }))
    }

    /// Its span, once both ends are known.
    pub(super) fn span(
        &mut self,
        name: &str,
        context: &TraceContext<'_>,
        is_parent: bool,
        attribute: &'static str,
    ) -> Option<Span> {
        let start_ns = self.start_ns.or(self.end_ns)?;
        let end_ns = self
            .end_ns
            .or(self.start_ns.filter(|_| self.has_failed()))?;
        if std::mem::replace(&mut self.is_told, true) || !context.flags().is_sampled() {
            return None;
        }
        let (kind, text) = (SpanKind::Internal, name.to_owned());
        let mut span = if is_parent {
            Span::inside(context, span_id(), text, &kind, start_ns)
        } else {
            Span::start(context, None, text, &kind, start_ns)
        };
        if let Some(duration_ms) = self.duration_ms {
            span.set(Attribute::new(attribute, duration_ms));
        }
        if let Some(failure) = self.why(name) {
            failure.record(&mut span, end_ns);
        }
        span.set(Attribute::new(a::FAAS_COLDSTART, true));
        span.end(end_ns);
        Some(span)
    }

    /// Whether the invocation that began then had to wait for it.
    pub(super) fn belongs_to(&self, start_ns: u64) -> bool {
        self.end_ns
            .is_some_and(|end| end.saturating_add(BELONGS_WITHIN_NS) >= start_ns)
    }
}
