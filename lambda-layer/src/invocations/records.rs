//! What the Telemetry API and the Extensions API add.

use std::sync::atomic::Ordering;

use baton_propagators::attribute as a;
use baton_propagators::carrier::XRayHeader;
use baton_propagators::context::TraceContext;
use baton_propagators::event::Trigger;
use opentelemetry::trace::SpanKind;

use super::outcome::Outcome;
use super::{Announced, Failure, Invocations, Open, State};
use crate::config::Initialization;
use crate::names;
use crate::span::{Attribute, Span, now_ns};
use crate::telemetry::{Kind, Record, Status};

/// How long an answer waits for its report, or a report for its answer, where nothing else tells the end.
const OVERDUE_NS: u64 = 5_000_000_000;

impl Invocations {
    /// Takes in one record.
    pub fn record(&self, record: &Record) {
        let mut state = self.lock();
        state.is_active_tracing |= record.has_segment;
        let spans = match record.kind {
            Kind::InitStart => {
                state.phases.init.start(record);
                Vec::new()
            }
            Kind::RestoreStart => {
                state.phases.restore.start(record);
                Vec::new()
            }
            Kind::InitRuntimeDone | Kind::InitReport => {
                state.phases.init.done(record);
                Vec::new()
            }
            Kind::RestoreRuntimeDone | Kind::RestoreReport => {
                state.phases.restore.done(record);
                Vec::new()
            }
            Kind::Start => {
                state.announce(Announced {
                    request_id: record.request_id.clone().unwrap_or_default(),
                    has_begun: false,
                    start_ns: record.time_ns.unwrap_or_else(now_ns),
                    trace_header: record.trace_header.clone(),
                });
                Vec::new()
            }
            Kind::RuntimeDone => self.runtime_done(&mut state, record),
            Kind::Report => self.report(&mut state, record),
        };
        drop(state);
        self.emit(spans);
    }

    /// Lambda has begun an invocation; the runtime may not have asked for it yet.
    pub(crate) fn announced(&self, request_id: &str, trace_header: Option<String>) {
        self.lock().announce(Announced {
            request_id: request_id.to_owned(),
            has_begun: false,
            start_ns: now_ns(),
            trace_header,
        });
    }

    /// The runtime has told that init, or the hooks after a restore, failed.
    pub(crate) fn init_failed(&self, failure: Failure) {
        self.lock().phases.init.failure = Some(failure);
    }

    pub(crate) fn restore_failed(&self, failure: Failure) {
        self.lock().phases.restore.failure = Some(failure);
    }

    /// Makes the spans of everything that has an answer: its end will not be told, or later than anybody waits.
    pub(crate) fn close_answered(&self) {
        self.close_all(|open| open.ending.is_some());
    }

    /// Makes the spans of what ended a while ago and lacks the other half of what is told of an end: a record can be lost, and so can
    /// the runtime's connection.
    pub(crate) fn close_overdue(&self) {
        let now = now_ns();
        self.close_all(|open| {
            let ended = open.ended_ns();
            ended.is_some_and(|at| at.saturating_add(OVERDUE_NS) <= now)
        });
    }

    /// Makes all spans: the environment ends, for this `reason`. It speaks for records that did not come.
    pub(crate) fn close_everything(&self, reason: Status) {
        let status = match reason {
            Status::Timeout => Status::Timeout,
            Status::Success | Status::Failure => Status::Failure,
        };
        for open in self.lock().open.values_mut().filter(|it| it.is_untold()) {
            open.runtime_done = Some(Record::of_end(status, now_ns()));
        }
        self.close_all(|_| true);
        let mut state = self.lock();
        let spans = self.failed_init(&mut state);
        drop(state);
        self.emit(spans);
    }

    /// Whether an invocation ended badly, or has no answer yet: records of it are still to come.
    pub(crate) fn awaits_report(&self) -> bool {
        let state = self.lock();
        let mut open = state.open.values();
        open.any(|open| open.runtime_done.is_some() || open.is_untold())
    }

    fn close_all(&self, which: impl Fn(&Open) -> bool) {
        let mut state = self.lock();
        let ids = state.open.iter().filter(|(_, open)| which(open));
        let ids: Vec<String> = ids.map(|(id, _)| id.clone()).collect();
        let spans = ids
            .iter()
            .flat_map(|id| self.close(&mut state, id))
            .collect();
        drop(state);
        self.emit(spans);
    }

    fn runtime_done(&self, state: &mut State, record: &Record) -> Vec<Span> {
        let id = record.request_id.as_deref().unwrap_or_default();
        self.open_unseen(state, record);
        let Some(open) = state.open.get_mut(id) else {
            return Vec::new();
        };
        open.runtime_done = Some(record.clone());
        // What the report adds decides between a crash and too little memory.
        if Outcome::of(open).is_fatal() && open.report.is_none() {
            return Vec::new();
        }
        self.close(state, id)
    }

    fn report(&self, state: &mut State, record: &Record) -> Vec<Span> {
        let id = record.request_id.as_deref().unwrap_or_default();
        self.open_unseen(state, record);
        if let Some(open) = state.open.get_mut(id) {
            open.report = Some(record.clone());
            // Managed Instances tell no other end, and they tell it as soon as they have the answer: the proxy may not have heard yet
            // that it was taken. One that is on its way after a time-out is a late one.
            if open.ending.is_none() && !Outcome::of(open).is_fatal() {
                return Vec::new();
            }
            return self.close(state, id);
        }
        Self::late_report(state, record).into_iter().collect()
    }

    /// An invocation that failed and that the runtime never asked for: init failed, or its process was gone.
    fn open_unseen(&self, state: &mut State, record: &Record) {
        let id = record.request_id.as_deref().unwrap_or_default();
        let is_ours = self.is_behind_proxy.load(Ordering::Relaxed);
        if !is_ours || record.status == Status::Success || state.open.contains_key(id) {
            return;
        }
        let mut announced = state.announced.iter_mut();
        let Some(announced) = announced.find(|it| it.request_id == id && !it.has_begun) else {
            return;
        };
        announced.has_begun = true;
        let (start_ns, header) = (announced.start_ns, announced.trace_header.take());
        let header = header.as_deref().or(record.trace_header.as_deref());
        let parent = sampled(header);
        let context = self.context(parent.as_ref(), start_ns);
        if !context.flags().is_sampled() {
            return;
        }
        let name = self.resource().function_name().to_owned();
        let kind = SpanKind::Server;
        let mut span = Span::start(&context, parent.as_ref(), name, &kind, start_ns);
        span.set(Attribute::new(a::FAAS_INVOCATION_ID, id.to_owned()));
        let is_first = !std::mem::replace(&mut state.has_begun, true);
        span.set(Attribute::new(a::FAAS_COLDSTART, is_first));
        if is_first {
            state.phases.first = Some(context.clone());
        }
        let open = Open {
            is_first,
            ..Open::new(context, Trigger::Other, span)
        };
        state.open.insert(id.to_owned(), open);
    }

    /// Init and restore: parts of the first invocation, which waited for them, or traces of their own.
    pub(super) fn phase_spans(&self, state: &mut State, closing: &Span) -> Vec<Span> {
        let first = state.phases.first.as_ref();
        let Some(first) = first.filter(|it| it.span_id().to_bytes() == *closing.span_id) else {
            return Vec::new();
        };
        let (first, phases) = (first.clone(), &mut state.phases);
        // The init of a snapshot lies in the past of every environment that is made of it: none of them tells of it.
        phases.init.is_told |= self.settings.initialization == Initialization::SnapStart;
        let each = [
            ("init", &mut phases.init, names::INIT_MS),
            ("restore", &mut phases.restore, names::RESTORE_MS),
        ];
        let spans = each.into_iter().filter_map(|(name, phase, attribute)| {
            if phase.belongs_to(closing.start_ns) {
                phase.span(name, &first, true, attribute)
            } else {
                phase.span(
                    name,
                    &self.context(None, closing.start_ns),
                    false,
                    attribute,
                )
            }
        });
        spans.collect()
    }

    /// An init that failed is told without an invocation: there may never be one.
    fn failed_init(&self, state: &mut State) -> Vec<Span> {
        let init = &state.phases.init;
        if !init.has_failed() || init.is_told || state.phases.first.is_some() {
            return Vec::new();
        }
        let parent = sampled(init.trace_header());
        let context = self.context(parent.as_ref(), now_ns());
        let init = &mut state.phases.init;
        let span = init.span("init", &context, false, names::INIT_MS);
        let parent_id = parent.map(|parent| parent.span_id().to_bytes().to_vec());
        let span = span.map(|mut span| {
            span.parent_span_id = parent_id.unwrap_or_default();
            span
        });
        span.into_iter().collect()
    }
}

fn sampled(header: Option<&str>) -> Option<TraceContext<'static>> {
    let context = XRayHeader::parse(header?).context()?;
    context.flags().is_sampled().then_some(context)
}
