//! An invocation that has begun.

use baton_propagators::context::TraceContext;
use baton_propagators::event::Trigger;
use bytes::Bytes;

use super::Failure;
use crate::span::Span;
use crate::telemetry::Record;

/// What is known of one invocation until its spans are made.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) context: TraceContext<'static>,
    pub(super) trigger: Trigger,
    /// The invocation span; it lacks its end and how it went.
    pub(super) span: Span,
    /// The `process` spans of a batch, with the ids that a response lists them by.
    pub(super) messages: Vec<(String, Span)>,
    /// The id of a single message, whose span is the invocation's.
    pub(super) single: Option<String>,
    pub(super) is_first: bool,
    /// When the function runs into its time-out, milliseconds since 1970.
    pub(super) deadline_ms: Option<u64>,
    /// What the runtime posted, and when Lambda had it.
    pub(super) ending: Option<(u64, Ending)>,
    pub(super) runtime_done: Option<Record>,
    pub(super) report: Option<Record>,
}

/// What the runtime posted.
#[derive(Debug)]
pub(super) enum Ending {
    /// The answer, as much of it as was kept. It is read when the spans are made: nobody waits then.
    Answer { bytes: Bytes, is_stream: bool },
    /// An error.
    Failure(Failure),
}

impl Open {
    pub(super) fn new(context: TraceContext<'static>, trigger: Trigger, span: Span) -> Self {
        Self {
            context,
            trigger,
            span,
            messages: Vec::new(),
            single: None,
            is_first: false,
            deadline_ms: None,
            ending: None,
            runtime_done: None,
            report: None,
        }
    }

    /// Whether neither the runtime nor the platform has said how it went.
    pub(super) const fn is_untold(&self) -> bool {
        self.ending.is_none() && self.runtime_done.is_none() && self.report.is_none()
    }

    /// When it ended, by what is known.
    pub(super) fn ended_ns(&self) -> Option<u64> {
        let answered = self.ending.as_ref().map(|(at, _)| *at);
        let report = self.report.as_ref();
        answered.or_else(|| report.map(|it| it.time_ns.unwrap_or(self.span.start_ns)))
    }
}
