//! The messages of OTLP that the layer writes itself: <https://github.com/open-telemetry/opentelemetry-proto>, `trace/v1` and `common/v1`.
//!
//! `opentelemetry-proto` has them too, with OpenTelemetry's SDK and its JSON behind it, which the extension's size does not bear. A test holds the
//! bytes against that crate's.

use opentelemetry::{Array, KeyValue, Value as OtelValue};
use prost::{Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Request {
    #[prost(message, repeated, tag = "1")]
    pub(crate) resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    pub(crate) resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) scope_spans: Vec<ScopeSpans>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Resource {
    #[prost(message, repeated, tag = "1")]
    pub(crate) attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    pub(crate) scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) spans: Vec<Span>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Scope {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) version: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Span {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) trace_state: String,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    pub(crate) name: String,
    #[prost(int32, tag = "6")]
    pub(crate) kind: i32,
    #[prost(fixed64, tag = "7")]
    pub(crate) start_ns: u64,
    #[prost(fixed64, tag = "8")]
    pub(crate) end_ns: u64,
    #[prost(message, repeated, tag = "9")]
    pub(crate) attributes: Vec<Attribute>,
    #[prost(message, repeated, tag = "11")]
    pub(crate) events: Vec<Event>,
    #[prost(message, repeated, tag = "13")]
    pub(crate) links: Vec<Link>,
    #[prost(message, optional, tag = "15")]
    pub(crate) status: Option<Status>,
    #[prost(fixed32, tag = "16")]
    pub(crate) flags: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Event {
    #[prost(fixed64, tag = "1")]
    pub(crate) time_ns: u64,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Link {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) trace_state: String,
    #[prost(fixed32, tag = "6")]
    pub(crate) flags: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(int32, tag = "3")]
    pub(crate) code: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Attribute {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 4, 5")]
    pub(crate) value: Option<Value>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Value {
    #[prost(string, tag = "1")]
    String(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    Array(ArrayValue),
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ArrayValue {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<AnyValue>,
}

// ===== impl Attribute =====

impl Attribute {
    pub(crate) fn new(key: impl Into<String>, value: impl Into<OtelValue>) -> Self {
        Self {
            key: key.into(),
            value: Some(any(Value::from(value.into()))),
        }
    }
}

impl From<KeyValue> for Attribute {
    fn from(pair: KeyValue) -> Self {
        Self::new(pair.key.to_string(), pair.value)
    }
}

impl From<OtelValue> for Value {
    fn from(value: OtelValue) -> Self {
        match value {
            OtelValue::Bool(value) => Self::Bool(value),
            OtelValue::I64(value) => Self::Int(value),
            OtelValue::F64(value) => Self::Double(value),
            OtelValue::String(value) => Self::String(value.into()),
            OtelValue::Array(Array::Bool(all)) => array(all, Self::Bool),
            OtelValue::Array(Array::I64(all)) => array(all, Self::Int),
            OtelValue::Array(Array::F64(all)) => array(all, Self::Double),
            OtelValue::Array(Array::String(all)) => array(all, |text| Self::String(text.into())),
            // The type is open to additions; whatever comes has a text.
            other => Self::String(other.as_str().into_owned()),
        }
    }
}

fn array<T>(all: Vec<T>, value: impl Fn(T) -> Value) -> Value {
    let values = all.into_iter().map(|item| any(value(item))).collect();
    Value::Array(ArrayValue { values })
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

    use super::*;
    use crate::span::test::request;

    #[test]
    fn the_official_messages_are_the_same_bytes() {
        let bytes = request().encode_to_vec();
        let official = ExportTraceServiceRequest::decode(bytes.as_slice()).unwrap();
        assert_eq!(official.encode_to_vec(), bytes);
        let span = &official.resource_spans[0].scope_spans[0].spans[0];
        assert_eq!((span.name.as_str(), span.flags), ("GET /orders", 0x301));
        assert_eq!(span.attributes.len(), 5);
        assert_eq!(span.links.len(), 1);
        assert_eq!(span.events[0].name, "exception");
        assert_eq!(span.status.as_ref().unwrap().code, 2);
    }
}
