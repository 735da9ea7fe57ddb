//! A receiver of OTLP/HTTP that keeps the spans.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry::{SpanId, TraceId};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use prost::Message;
use tokio::net::TcpListener;

#[derive(Debug)]
pub(crate) struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    endpoint: String,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let spans = Arc::<Mutex<Vec<Span>>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/traces", post(keep))
            .with_state(Arc::clone(&spans));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { spans, endpoint }
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The spans of one kind that were received so far.
    pub(crate) fn of_kind(&self, kind: SpanKind) -> Vec<Span> {
        let spans = self.spans().into_iter();
        spans.filter(|span| span.kind() == kind).collect()
    }

    /// What was received so far.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }
}

/// Trace and span id.
pub(crate) fn ids(span: &Span) -> (TraceId, SpanId) {
    let trace = TraceId::from_bytes(span.trace_id.as_slice().try_into().unwrap());
    let id = SpanId::from_bytes(span.span_id.as_slice().try_into().unwrap());
    (trace, id)
}

/// Trace and span ids of what a span links to.
pub(crate) fn links(span: &Span) -> Vec<(TraceId, SpanId)> {
    let of = |link: &Link| {
        let trace = TraceId::from_bytes(link.trace_id.as_slice().try_into().unwrap());
        let id = SpanId::from_bytes(link.span_id.as_slice().try_into().unwrap());
        (trace, id)
    };
    span.links.iter().map(of).collect()
}

/// A text attribute of a span.
pub(crate) fn text<'s>(span: &'s Span, name: &str) -> Option<&'s str> {
    let attribute = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == name)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

async fn keep(State(spans): State<Arc<Mutex<Vec<Span>>>>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let received = request.resource_spans.into_iter();
    let received = received.flat_map(|resource| resource.scope_spans);
    spans
        .lock()
        .unwrap()
        .extend(received.flat_map(|scope| scope.spans));
    StatusCode::OK
}
