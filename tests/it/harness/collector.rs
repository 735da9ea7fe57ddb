//! A receiver of OTLP/HTTP that keeps the spans.

use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use flate2::read::GzDecoder;
use opentelemetry::{SpanId, TraceId};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use prost::Message;
use tokio::net::TcpListener;

#[derive(Debug)]
pub(crate) struct Collector {
    received: Arc<Mutex<Vec<Received>>>,
    endpoint: String,
}

/// A span and who made it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) service: String,
    pub(crate) scope: String,
    pub(crate) span: Span,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/traces", post(keep))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&received));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { received, endpoint }
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What was received so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The spans of one kind that were received so far.
    pub(crate) fn of_kind(&self, kind: SpanKind) -> Vec<Span> {
        let spans = self.spans().into_iter();
        spans.filter(|span| span.kind() == kind).collect()
    }

    /// The spans alone.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let received = self.received().into_iter();
        received.map(|received| received.span).collect()
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
    text_of(&span.attributes, name)
}

/// An attribute as people read it.
pub(crate) fn show(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        None => String::new(),
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::ArrayValue(list)) => {
            let shown: Vec<_> = list.values.iter().map(|value| show(Some(value))).collect();
            format!("[{}]", shown.join(", "))
        }
        Some(other) => format!("{other:?}"),
    }
}

fn text_of<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.key == name)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

async fn keep(
    State(received): State<Arc<Mutex<Vec<Received>>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let compressed = headers
        .get("content-encoding")
        .is_some_and(|it| it == "gzip");
    let Some(request) = read(&body, compressed) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut received = received.lock().unwrap();
    for resource in request.resource_spans {
        let attributes = resource.resource.unwrap_or_default().attributes;
        let service = text_of(&attributes, "service.name").unwrap_or_default();
        for scope in resource.scope_spans {
            let name = scope.scope.unwrap_or_default().name;
            received.extend(scope.spans.into_iter().map(|span| Received {
                service: service.to_owned(),
                scope: name.clone(),
                span,
            }));
        }
    }
    StatusCode::OK
}

fn read(body: &[u8], compressed: bool) -> Option<ExportTraceServiceRequest> {
    let mut plain = Vec::new();
    if compressed {
        GzDecoder::new(body).read_to_end(&mut plain).ok()?;
        return ExportTraceServiceRequest::decode(plain.as_slice()).ok();
    }
    ExportTraceServiceRequest::decode(body).ok()
}
