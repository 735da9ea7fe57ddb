//! An event is on its way to the function: whose span continues, and what is handed on.

use std::ops::Range;
use std::sync::atomic::Ordering;

use baton_propagators::BatonSpan;
use baton_propagators::attribute as a;
use baton_propagators::carrier::XRayHeader;
use baton_propagators::context::{SpanId, TraceContext, TraceFlags};
use baton_propagators::event::{ClientContext, Event, Invocation, Record, traceparents};
use http::HeaderMap;
use http::header::HeaderValue;
use opentelemetry::trace::SpanKind;
use percent_encoding::percent_decode_str;

use super::{Announced, Invocations, MAX_OPEN, Open, State, function};
use crate::span::{Attribute, Span, now_ns, span_id, trace_id};

const TRACE_ID: &str = "lambda-runtime-trace-id";

/// What the runtime is told beside the event.
#[derive(Debug)]
#[non_exhaustive]
pub struct HandOn {
    /// The spans that are made here.
    pub made: BatonSpan,
    /// The header that runtimes copy into `_X_AMZN_TRACE_ID`.
    pub trace_header: Option<HeaderValue>,
    /// Where in the event the `traceparent` of the span belongs.
    pub traceparents: Vec<Range<usize>>,
}

/// The headers of `/next`, as texts.
struct Delivery<'a> {
    request_id: &'a str,
    arn: &'a str,
    deadline_ms: Option<u64>,
    client_context: Option<&'a str>,
    trace_header: Option<&'a str>,
}

impl<'a> Delivery<'a> {
    fn read(headers: &'a HeaderMap) -> Option<Self> {
        let bytes = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let text = |name: &str| bytes(name).and_then(|it| str::from_utf8(it).ok());
        Some(Self {
            request_id: text("lambda-runtime-aws-request-id").filter(|id| id.len() <= 256)?,
            arn: text("lambda-runtime-invoked-function-arn").unwrap_or_default(),
            deadline_ms: text("lambda-runtime-deadline-ms").and_then(|ms| ms.parse().ok()),
            client_context: text("lambda-runtime-client-context"),
            trace_header: text(TRACE_ID),
        })
    }
}

impl Invocations {
    /// An event is delivered: begins its spans. `None` when the answer to `/next` is none that Lambda documents.
    #[must_use]
    pub fn begin(&self, headers: &HeaderMap, event: &[u8]) -> Option<HandOn> {
        let delivery = Delivery::read(headers)?;
        self.is_behind_proxy.store(true, Ordering::Relaxed);
        let start_ns = now_ns();
        // boto3 and others percent-encode what they send.
        let trace_header = delivery
            .trace_header
            .map(|header| percent_decode_str(header).decode_utf8_lossy());
        let read = self.reader.invocation(&{
            let mut invocation = Invocation::new(event);
            invocation.client_context = delivery.client_context.map(ClientContext::Json);
            invocation.trace_header = trace_header.as_deref();
            invocation
        });
        let xray = XRayHeader::parse(trace_header.as_deref().unwrap_or_default());
        let mut state = self.lock();
        let parent = parent(&read, &xray, state.is_active_tracing);
        let context = self.context(parent.as_ref(), start_ns);
        state.announce(Announced {
            request_id: delivery.request_id.to_owned(),
            has_begun: true,
            start_ns,
            trace_header: None,
        });
        let is_first = !std::mem::replace(&mut state.has_begun, true);
        if is_first {
            state.phases.first = Some(context.clone());
        }
        let made = BatonSpan::new(context.clone(), several(&read).len());
        if context.flags().is_sampled() {
            let mut open = self.open(&delivery, &read, &made, parent.as_ref(), start_ns, is_first);
            if let Some(other) = other_trace(&xray, &context) {
                open.span.link(&other);
            }
            self.insert(&mut state, delivery.request_id, open);
        }
        drop(state);
        Some(self.hand_on(&read, event, &xray, made))
    }

    /// Where the new span stands: in the trace of its parent or a new one, recorded or not.
    pub(super) fn context(
        &self,
        parent: Option<&TraceContext<'_>>,
        now_ns: u64,
    ) -> TraceContext<'static> {
        let trace = parent.map_or_else(|| trace_id(now_ns), TraceContext::trace_id);
        let decided = parent.map(|parent| parent.flags().is_sampled());
        let is_sampled = self.settings.sampler.decides(decided, trace);
        let random = parent.map_or(0, |it| it.flags().bits() & TraceFlags::RANDOM.bits());
        let flags = TraceFlags::from_bits(random | u8::from(is_sampled));
        TraceContext::new(trace, span_id(), flags)
    }

    fn open(
        &self,
        delivery: &Delivery<'_>,
        event: &Event<'_>,
        made: &BatonSpan,
        parent: Option<&TraceContext<'_>>,
        start_ns: u64,
        is_first: bool,
    ) -> Open {
        let context = made.invocation();
        let name = event.span_name();
        let name = name.unwrap_or_else(|| self.resource().function_name().to_owned());
        let mut span = Span::start(context, parent, name, &event.span_kind(), start_ns);
        span.attributes
            .extend(event.attributes().into_iter().map(Attribute::from));
        span.set(Attribute::new(
            a::FAAS_INVOCATION_ID,
            delivery.request_id.to_owned(),
        ));
        let is_cold = is_first && self.settings.initialization.is_cold();
        span.set(Attribute::new(a::FAAS_COLDSTART, is_cold));
        let version = self.resource().function_version();
        span.attributes
            .extend(function::attributes(delivery.arn, version));
        if several(event).is_empty() {
            for found in event.relation().links {
                span.link(&found.context);
            }
        }
        let messages = several(event)
            .iter()
            .enumerate()
            .filter_map(|(index, record)| {
                let id = made.process_span(index)?;
                Some((
                    record.message_id.to_string(),
                    process_span(context, id, record, start_ns),
                ))
            });
        let single = match event.records.as_slice() {
            [record] => Some(record.message_id.to_string()),
            _ => None,
        };
        Open {
            messages: messages.collect(),
            single,
            is_first,
            deadline_ms: delivery.deadline_ms,
            ..Open::new(context.clone(), event.trigger, span)
        }
    }

    /// Keeps it, and forgets the oldest when there are too many.
    fn insert(&self, state: &mut State, request_id: &str, open: Open) {
        if state.open.len() >= MAX_OPEN && !state.open.contains_key(request_id) {
            let oldest = state.open.iter().min_by_key(|(_, open)| open.span.start_ns);
            if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                state.open.remove(&id);
                self.unread.invocations.fetch_add(1, Ordering::Relaxed);
            }
        }
        // Lambda uses an id again when it retries: nothing more is told of the earlier one.
        if state.open.insert(request_id.to_owned(), open).is_some() {
            self.unread.invocations.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn hand_on(
        &self,
        event: &Event<'_>,
        bytes: &[u8],
        xray: &XRayHeader<'_>,
        made: BatonSpan,
    ) -> HandOn {
        let is_on = self.settings.formats.iter().next().is_some();
        let header = XRayHeader::from(made.invocation())
            .with_rest(xray.rest())
            .to_string();
        let headers = event.http.as_ref().map(|request| &request.headers);
        let has_traceparent = headers.is_some_and(|it| it.get("traceparent").is_some());
        let traceparents = if is_on && self.settings.replaces_headers && has_traceparent {
            traceparents(bytes)
        } else {
            Vec::new()
        };
        HandOn {
            trace_header: HeaderValue::from_str(&header).ok().filter(|_| is_on),
            traceparents,
            made,
        }
    }
}

/// The records that have a span each: those of a batch.
fn several<'e, 'a>(event: &'e Event<'a>) -> &'e [Record<'a>] {
    if event.is_batch() {
        &event.records
    } else {
        &[]
    }
}

fn process_span(parent: &TraceContext<'_>, id: SpanId, record: &Record<'_>, start_ns: u64) -> Span {
    let mut span = Span::inside(
        parent,
        id,
        record.span_name(),
        &SpanKind::Consumer,
        start_ns,
    );
    span.attributes
        .extend(record.attributes().into_iter().map(Attribute::from));
    for found in record.contexts.iter() {
        span.link(&found.context);
    }
    span
}

/// The trace that X-Ray records of this invocation, where the event names another one: a way from there to here.
fn other_trace(xray: &XRayHeader<'_>, own: &TraceContext<'_>) -> Option<TraceContext<'static>> {
    let context = xray.context().filter(|it| it.flags().is_sampled())?;
    (context.trace_id() != own.trace_id()).then_some(context)
}

/// What the invocation continues. Lambda's own header, not sampled, is a decision only where active tracing is on.
fn parent(
    event: &Event<'_>,
    xray: &XRayHeader<'_>,
    is_active_tracing: bool,
) -> Option<TraceContext<'static>> {
    let relation = event.relation();
    if let Some(found) = relation.parent {
        return Some(found.context.clone());
    }
    let is_undecided = is_active_tracing && relation.links.is_empty();
    xray.context().filter(|_| is_undecided)
}
