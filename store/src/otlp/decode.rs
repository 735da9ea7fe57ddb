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

/// So much at a time.
const RESERVE_BYTES: usize = 256 * 1024;

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
    decode_within(body, |_| Ok(()))
}

/// As [`decode`]. `reserve` is asked for memory, in bytes, while the rows grow; what it refuses ends the work.
///
/// # Errors
/// As [`decode`], and what `reserve` says.
pub(crate) fn decode_within<E: From<DecodeError>>(
    body: &[u8],
    mut reserve: impl FnMut(usize) -> Result<(), E>,
) -> Result<Decoded, E> {
    let mut walk = Walk::default();
    let mut reserved_bytes = 0;
    walk.request(body, &mut |size_bytes| {
        if size_bytes > reserved_bytes {
            let more_bytes = (size_bytes - reserved_bytes).max(RESERVE_BYTES);
            reserved_bytes += more_bytes;
            return reserve(more_bytes);
        }
        Ok(())
    })?;
    Ok(Decoded {
        message: walk.message(),
        rejected: walk.rejected,
        spans: walk.rows.finish().map_err(DecodeError::from)?,
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
    /// `grown` hears how large the rows are.
    fn request<E: From<DecodeError>>(
        &mut self,
        body: &[u8],
        grown: &mut impl FnMut(usize) -> Result<(), E>,
    ) -> Result<(), E> {
        for resource_spans in Fields::of(body).numbered(1) {
            let resource_spans = resource_spans.map_err(broken("ExportTraceServiceRequest"))?;
            let resource = Resource::of(resource_spans)?;
            for scope_spans in Fields::of(resource_spans).numbered(2) {
                let scope_spans = scope_spans.map_err(broken("ResourceSpans"))?;
                let scope = Scope::of(scope_spans)?;
                for span in Fields::of(scope_spans).numbered(2) {
                    self.span(&resource, &scope, span.map_err(broken("ScopeSpans"))?)?;
                    grown(self.rows.size_bytes())?;
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
    use opentelemetry_proto::tonic::resource::v1::Resource as ProtoResource;
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};

    /// A resource of 100 kB that stands in each of 50 rows.
    fn request() -> Vec<u8> {
        let value = AnyValue {
            value: Some(Value::StringValue("x".repeat(100_000))),
        };
        let attribute = KeyValue {
            key: "k".into(),
            value: Some(value),
            ..KeyValue::default()
        };
        let span = |i| Span {
            trace_id: vec![1; 16],
            span_id: vec![i; 8],
            ..Span::default()
        };
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(ProtoResource {
                    attributes: vec![attribute],
                    ..ProtoResource::default()
                }),
                scope_spans: vec![ScopeSpans {
                    spans: (1..=50).map(span).collect(),
                    ..ScopeSpans::default()
                }],
                ..ResourceSpans::default()
            }],
        };
        request.encode_to_vec()
    }

    #[test]
    fn memory_is_asked_for_before_the_rows_have_grown() {
        let mut reserved = Vec::new();
        let decoded = decode_within::<DecodeError>(&request(), |more_bytes| {
            reserved.push(more_bytes);
            Ok(())
        })
        .unwrap();
        assert!(reserved.iter().sum::<usize>() >= decoded.spans.size_bytes());
        assert!(reserved.len() > 10, "{reserved:?}");

        let mut asked = 0;
        let refused = decode_within(&request(), |_| {
            asked += 1;
            Err(DecodeError::TooLarge { limit_bytes: 0 })
        });
        assert!(refused.is_err() && asked == 1);
    }
}
