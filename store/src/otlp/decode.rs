//! From the bytes of a request to rows, one span at a time.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use super::columns::{Rows, SpanBatch};
use super::elements::{Kind, MAX_ELEMENTS, too_many};
use super::error::DecodeError;
use super::nested::Scratch;
use super::origin::{Resource, Scope};
use super::span::{Parts, Span};
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
        spans: walk
            .rows
            .finish()
            .map_err(|error| why_no_columns(body, error))?,
    })
}

/// Texts are checked as whole columns. Where one is wrong, prost says it better.
fn why_no_columns(body: &[u8], error: arrow::error::ArrowError) -> DecodeError {
    match ExportTraceServiceRequest::decode(body) {
        Err(source) => broken("ExportTraceServiceRequest")(source),
        Ok(_) => error.into(),
    }
}

pub(super) fn broken(message: &'static str) -> impl Fn(prost::DecodeError) -> DecodeError {
    move |source| DecodeError::Protobuf { message, source }
}

#[derive(Debug, Default)]
struct Walk<'a> {
    rows: Rows,
    parts: Parts<'a>,
    scratch: Scratch<'a>,
    rejected: u64,
    first_reason: Option<String>,
    clamped: u64,
}

impl<'a> Walk<'a> {
    /// `grown` hears how large the rows are.
    fn request<E: From<DecodeError>>(
        &mut self,
        body: &'a [u8],
        grown: &mut impl FnMut(usize) -> Result<(), E>,
    ) -> Result<(), E> {
        for resource_spans in Fields::of(body).numbered(1) {
            let resource_spans = resource_spans.map_err(broken("ExportTraceServiceRequest"))?;
            let resource = Resource::of(resource_spans)?;
            for scope_spans in Fields::of(resource_spans).numbered(2) {
                let scope_spans = scope_spans.map_err(broken("ResourceSpans"))?;
                let scope = Scope::of(scope_spans)?;
                let origin_bytes = resource.size_bytes() + scope.size_bytes();
                for span in Fields::of(scope_spans).numbered(2) {
                    let span = span.map_err(broken("ScopeSpans"))?;
                    // Before it is there: what stands in every row is the larger part where it matters.
                    grown(self.rows.size_bytes() + origin_bytes + span.len())?;
                    self.span(&resource, &scope, span)?;
                }
            }
        }
        grown(self.rows.size_bytes())
    }

    fn span(
        &mut self,
        resource: &Resource<'a>,
        scope: &Scope<'a>,
        message: &'a [u8],
    ) -> Result<(), DecodeError> {
        if too_many(Kind::Span, message).map_err(broken("Span"))? {
            self.reject(format!(
                "a span holds more than {MAX_ELEMENTS} attributes, events, links and values"
            ));
            return Ok(());
        }
        let span = Span::read(message, &mut self.parts).map_err(broken("Span"))?;
        if let Some(reason) = span.fault() {
            self.reject(reason);
            return Ok(());
        }
        let is_clamped = self
            .rows
            .append(resource, scope, &span, &self.parts, &mut self.scratch)
            .map_err(broken("Span"))?;
        self.clamped += u64::from(is_clamped);
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

/// Nanoseconds as the column holds them.
pub(super) fn column_ns(unix_ns: u64) -> i64 {
    i64::try_from(unix_ns).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
    use opentelemetry_proto::tonic::resource::v1::Resource as ProtoResource;
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

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
