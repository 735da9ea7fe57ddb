//! From the bytes of a request to rows, one span at a time.

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;

use super::columns::{Rows, SpanBatch};
use super::elements::{Kind, MAX_ELEMENTS, too_many};
use super::error::DecodeError;
use super::origin::{Resource, Scope};
use super::wire::Fields;

/// A request may grow to this in memory. Resource and scope stand in every row, so a small body can make large rows.
const MAX_DECODED_BYTES: usize = 256 * 1024 * 1024;

/// What a request held.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The spans that can be stored.
    pub spans: SpanBatch,
    /// How many cannot.
    pub rejected: u64,
    /// Why the first of them cannot, or a warning about what was changed. For the sender; empty when all is well.
    pub message: String,
}

/// Decodes an `ExportTraceServiceRequest`.
///
/// ```
/// use baton_store::otlp::decode;
/// use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::{ResourceSpans, ScopeSpans, Span}};
/// use prost::Message;
///
/// let good = Span { trace_id: vec![1; 16], span_id: vec![2; 8], ..Span::default() };
/// let bad = Span { trace_id: vec![1; 3], span_id: vec![2; 8], ..Span::default() };
/// let scope_spans = vec![ScopeSpans { spans: vec![good, bad], ..ScopeSpans::default() }];
/// let request = ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] };
///
/// let decoded = decode(&request.encode_to_vec())?;
/// assert_eq!((decoded.spans.len(), decoded.rejected), (1, 1));
/// assert!(decoded.message.contains("trace id of 3 bytes"));
/// # Ok::<(), baton_store::otlp::DecodeError>(())
/// ```
///
/// # Errors
/// Fails for bytes that are no such request, and for one that needs more memory than one may have. Then nothing of it is stored.
pub fn decode(body: &[u8]) -> Result<Decoded, DecodeError> {
    let mut walk = Walk::default();
    for resource_spans in Fields::of(body).numbered(1) {
        walk.resource_spans(resource_spans.map_err(broken("ExportTraceServiceRequest"))?)?;
    }
    Ok(Decoded {
        message: walk.message(),
        spans: walk.rows.finish()?,
        rejected: walk.rejected,
    })
}

pub(super) fn broken(message: &'static str) -> impl Fn(prost::DecodeError) -> DecodeError {
    move |source| DecodeError::Protobuf { message, source }
}

#[derive(Debug, Default)]
struct Walk {
    rows: Rows,
    rejected: u64,
    first_reason: Option<String>,
    clamped: u64,
}

impl Walk {
    fn resource_spans(&mut self, message: &[u8]) -> Result<(), DecodeError> {
        let resource = Resource::of(message)?;
        for scope_spans in Fields::of(message).numbered(2) {
            let scope_spans = scope_spans.map_err(broken("ResourceSpans"))?;
            let scope = Scope::of(scope_spans)?;
            for span in Fields::of(scope_spans).numbered(2) {
                self.span(&resource, &scope, span.map_err(broken("ScopeSpans"))?)?;
            }
        }
        Ok(())
    }

    fn span(
        &mut self,
        resource: &Resource,
        scope: &Scope,
        message: &[u8],
    ) -> Result<(), DecodeError> {
        if too_many(Kind::Span, message).map_err(broken("Span"))? {
            self.reject(format!(
                "a span holds more than {MAX_ELEMENTS} attributes, events, links and values"
            ));
            return Ok(());
        }
        let span = Span::decode(message).map_err(broken("Span"))?;
        if let Some(reason) = why_not(&span) {
            self.reject(reason);
            return Ok(());
        }
        let times = [span.start_time_unix_nano, span.end_time_unix_nano].into_iter();
        if times
            .chain(span.events.iter().map(|event| event.time_unix_nano))
            .any(|time| i64::try_from(time).is_err())
        {
            self.clamped += 1;
        }
        self.rows.append(resource, scope, span)?;
        if self.rows.size_bytes() > MAX_DECODED_BYTES {
            return Err(DecodeError::TooLarge {
                limit_bytes: MAX_DECODED_BYTES,
            });
        }
        Ok(())
    }

    fn reject(&mut self, reason: String) {
        self.rejected += 1;
        self.first_reason.get_or_insert(reason);
    }

    fn message(&self) -> String {
        let mut parts = Vec::new();
        if let Some(reason) = &self.first_reason {
            parts.push(format!(
                "{} spans rejected, the first because {reason}",
                self.rejected
            ));
        }
        if self.clamped > 0 {
            parts.push(format!(
                "{} spans have times beyond the year 2262, stored as its last nanosecond",
                self.clamped
            ));
        }
        parts.join("; ")
    }
}

fn why_not(span: &Span) -> Option<String> {
    let ids = [("trace", &span.trace_id, 16), ("span", &span.span_id, 8)];
    for (what, id, length) in ids {
        if id.len() != length {
            return Some(format!(
                "it has a {what} id of {} bytes, expected {length}",
                id.len()
            ));
        }
        if id.iter().all(|byte| *byte == 0) {
            return Some(format!("its {what} id is all zeros"));
        }
    }
    let parent = span.parent_span_id.len();
    (parent != 0 && parent != 8)
        .then(|| format!("it has a parent span id of {parent} bytes, expected 8 or none"))
}

/// Nanoseconds as the column holds them.
pub(super) fn column_ns(unix_ns: u64) -> i64 {
    i64::try_from(unix_ns).unwrap_or(i64::MAX)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

pub(super) fn kind_name(kind: i32) -> String {
    let Ok(kind) = SpanKind::try_from(kind) else {
        return kind.to_string();
    };
    kind.as_str_name()
        .trim_start_matches("SPAN_KIND_")
        .to_owned()
}

pub(super) fn status_name(code: i32) -> String {
    let Ok(code) = StatusCode::try_from(code) else {
        return code.to_string();
    };
    code.as_str_name()
        .trim_start_matches("STATUS_CODE_")
        .to_owned()
}
