//! Spans that the layer makes itself, and how they become OTLP requests.

mod ids;
mod otlp;
mod resource;

use std::time::{SystemTime, UNIX_EPOCH};

use baton_propagators::context::{SpanId, TraceContext};
use bytes::Bytes;
use opentelemetry::trace::SpanKind;
use prost::Message as _;

pub(crate) use ids::{span_id, trace_id};
pub(crate) use otlp::{Attribute, Span};
pub use resource::{About, Resource};

use otlp::{Event, Link, Request, ResourceSpans, Scope, ScopeSpans, Status};

const SCOPE: &str = "baton.lambda-layer";
/// Spans in one request: with ten thousand messages in a batch each of them has one.
const SPANS_PER_REQUEST: usize = 512;
/// Longer texts are cut: a function may put a whole payload into its error.
const MAX_TEXT_BYTES: usize = 4096;

// `SpanFlags` of OTLP: whether the parent or the linked span is in another process.
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;
const ERROR: i32 = 2;

// ===== impl Span =====

impl Span {
    /// A span at `context` that has not ended.
    pub(crate) fn start(
        context: &TraceContext<'_>,
        parent: Option<&TraceContext<'_>>,
        name: String,
        kind: &SpanKind,
        start_ns: u64,
    ) -> Self {
        let remote = HAS_IS_REMOTE | IS_REMOTE;
        Self {
            trace_id: context.trace_id().to_bytes().into(),
            span_id: context.span_id().to_bytes().into(),
            trace_state: parent.map_or(String::new(), |parent| parent.state().as_str().to_owned()),
            parent_span_id: parent.map_or(Vec::new(), |it| it.span_id().to_bytes().into()),
            name,
            kind: match kind {
                SpanKind::Internal => 1,
                SpanKind::Server => 2,
                SpanKind::Client => 3,
                SpanKind::Producer => 4,
                SpanKind::Consumer => 5,
            },
            start_ns,
            flags: u32::from(context.flags().bits()) | parent.map_or(HAS_IS_REMOTE, |_| remote),
            ..Self::default()
        }
    }

    /// A span inside of `parent`, in this process.
    pub(crate) fn inside(
        parent: &TraceContext<'_>,
        span_id: SpanId,
        name: String,
        kind: &SpanKind,
        start_ns: u64,
    ) -> Self {
        let mut span = Self::start(&parent.child(span_id), Some(parent), name, kind, start_ns);
        span.flags &= !IS_REMOTE;
        span
    }

    pub(crate) fn set(&mut self, attribute: Attribute) {
        match self
            .attributes
            .iter_mut()
            .find(|it| it.key == attribute.key)
        {
            Some(held) => *held = attribute,
            None => self.attributes.push(attribute),
        }
    }

    pub(crate) fn link(&mut self, to: &TraceContext<'_>) {
        self.links.push(Link {
            trace_id: to.trace_id().to_bytes().into(),
            span_id: to.span_id().to_bytes().into(),
            trace_state: to.state().as_str().to_owned(),
            flags: u32::from(to.flags().bits()) | HAS_IS_REMOTE | IS_REMOTE,
        });
    }

    pub(crate) fn event(&mut self, name: &str, time_ns: u64, attributes: Vec<Attribute>) {
        self.events.push(Event {
            time_ns,
            name: name.to_owned(),
            attributes,
        });
    }

    pub(crate) fn fail(&mut self, message: &str) {
        self.status = Some(Status {
            message: cut(message).to_owned(),
            code: ERROR,
        });
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.status.is_some()
    }

    /// Ends it, never before it began: clocks are set.
    pub(crate) fn end(&mut self, end_ns: u64) {
        self.end_ns = end_ns.max(self.start_ns);
    }
}

/// Encodes `spans` as requests of bounded size, each with its number of spans.
pub(crate) fn encode(resource: &Resource, spans: Vec<Span>) -> Vec<(Bytes, u64)> {
    let mut requests = Vec::new();
    let mut spans = spans.into_iter().peekable();
    while spans.peek().is_some() {
        let some: Vec<Span> = spans.by_ref().take(SPANS_PER_REQUEST).collect();
        let count = some.len() as u64;
        let scope_spans = ScopeSpans {
            scope: Some(Scope {
                name: SCOPE.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            }),
            spans: some,
        };
        let request = Request {
            resource_spans: vec![ResourceSpans {
                resource: Some(resource.encoded()),
                scope_spans: vec![scope_spans],
            }],
        };
        requests.push((request.encode_to_vec().into(), count));
    }
    requests
}

/// The beginning of a text, as much as a span holds of it.
pub(crate) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT_BYTES))
        .unwrap_or_default()
}

/// The wall clock.
pub(crate) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod test {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    /// One span with everything on it.
    pub(super) fn request() -> Request {
        let parent = TraceContext::parse(PARENT, Some("a=1")).unwrap();
        let context = parent.child(SpanId::new([7; 8]).unwrap());
        let name = "GET /orders".to_owned();
        let mut span = Span::start(&context, Some(&parent), name, &SpanKind::Server, 5);
        span.set(Attribute::new("text", "a"));
        span.set(Attribute::new("bool", true));
        span.set(Attribute::new("int", -1));
        span.set(Attribute::new("double", 1.5));
        let list = opentelemetry::Array::I64(vec![1, 2]);
        span.set(Attribute::new("list", opentelemetry::Value::Array(list)));
        span.set(Attribute::new("int", -7));
        span.link(&parent);
        span.event("exception", 6, vec![Attribute::new("exception.type", "E")]);
        span.fail("it failed");
        span.end(7);
        Request {
            resource_spans: vec![ResourceSpans {
                resource: Some(Resource::default().encoded()),
                scope_spans: vec![ScopeSpans {
                    scope: Some(Scope::default()),
                    spans: vec![span],
                }],
            }],
        }
    }

    #[test]
    fn many_spans_are_several_requests() {
        let request = request();
        let span = &request.resource_spans[0].scope_spans[0].spans[0];
        let requests = encode(
            &Resource::default(),
            vec![span.clone(); SPANS_PER_REQUEST + 1],
        );
        let counts: Vec<u64> = requests.iter().map(|(_, spans)| *spans).collect();
        assert_eq!(counts, [SPANS_PER_REQUEST as u64, 1]);
        assert!(encode(&Resource::default(), Vec::new()).is_empty());
    }

    #[test]
    fn a_span_never_ends_before_it_began() {
        let parent = TraceContext::parse(PARENT, None).unwrap();
        let mut span = Span::start(&parent, None, String::new(), &SpanKind::Server, 50);
        span.end(40);
        assert_eq!(span.end_ns, 50);
    }
}
