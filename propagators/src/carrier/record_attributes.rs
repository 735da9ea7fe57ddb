//! Message attributes inside the JSON of a Lambda event.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use opentelemetry::propagation::Extractor;

use super::Carrier;
use crate::json::{Object, Raw, object};

/// The `messageAttributes` of one SQS record, or the `MessageAttributes` of an SNS notification; names matched exactly.
///
/// `String` and `Number` attributes are read as they are, `Binary` ones (SNS makes them with raw delivery) when they hold
/// UTF-8. A type may have a label: `String.trace`.
///
/// ```
/// use baton_propagators::carrier::{Carrier, RecordAttributes};
///
/// let attributes = RecordAttributes::from_json(
///     r#"{"traceparent": {"stringValue": "00-…", "stringListValues": [], "dataType": "String"},
///         "tracestate": {"binaryValue": "YT0x", "dataType": "Binary.raw"}}"#,
/// );
/// assert_eq!(attributes.values_of("traceparent").next(), Some("00-…"));
/// assert_eq!(attributes.values_of("tracestate").next(), Some("a=1"));
///
/// let of_sns = RecordAttributes::from_json(r#"{"traceparent": {"Type": "String", "Value": "00-…"}}"#);
/// assert_eq!(of_sns.values_of("traceparent").next(), Some("00-…"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct RecordAttributes<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

object! {
    /// SQS in Lambda events writes `stringValue`, the SQS API `StringValue`, SNS `Type` and `Value`.
    struct Attribute {
        data_type: "dataType",
        string_value: "stringValue",
        binary_value: "binaryValue",
        sdk_data_type: "DataType",
        sdk_string_value: "StringValue",
        sdk_binary_value: "BinaryValue",
        sns_type: "Type",
        sns_value: "Value",
    }
}

// ===== impl RecordAttributes =====

impl<'a> RecordAttributes<'a> {
    /// Reads the object. An attribute without text reads as empty, which no format takes for valid.
    #[must_use]
    pub fn from_json(message_attributes: &'a str) -> Self {
        Self::read(Raw::of(message_attributes.as_bytes()))
    }

    pub(crate) fn read(message_attributes: Option<Raw<'a>>) -> Self {
        let members = message_attributes.into_iter().flat_map(Raw::members);
        let members = members.filter(|(_, raw)| !raw.is_null());
        let value = |(name, raw)| (name, value(raw).unwrap_or_default());
        Self(members.map(value).collect())
    }
}

impl Carrier for RecordAttributes<'_> {
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        let found = self.0.iter().filter(move |(key, _)| key == name);
        found.map(|(_, value)| value.as_ref())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }
}

impl Extractor for RecordAttributes<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.values_of(key).next()
    }

    fn keys(&self) -> Vec<&str> {
        self.names().collect()
    }
}

fn value(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let attribute = Attribute::read(Some(raw));
    let data_type = attribute
        .data_type
        .or(attribute.sdk_data_type)
        .or(attribute.sns_type)?
        .text()?;
    let base = data_type
        .split_once('.')
        .map_or(data_type.as_ref(), |(base, _label)| base);
    if base != "Binary" {
        let text = attribute.string_value.or(attribute.sdk_string_value);
        return text.or(attribute.sns_value)?.text();
    }
    let binary = attribute.binary_value.or(attribute.sdk_binary_value);
    let base64 = binary.or(attribute.sns_value)?.text()?;
    let bytes = STANDARD.decode(base64.as_bytes()).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(attribute: &str, expected: Option<&str>) {
        let json = format!(r#"{{"traceparent":{attribute}}}"#);
        assert_eq!(
            RecordAttributes::from_json(&json)
                .values_of("traceparent")
                .next(),
            expected,
            "{attribute}"
        );
    }

    #[test]
    fn types_and_labels() {
        check(r#"{"stringValue":"x","dataType":"String"}"#, Some("x"));
        check(
            r#"{"stringValue":"x","dataType":"String.trace"}"#,
            Some("x"),
        );
        check(r#"{"stringValue":"7","dataType":"Number"}"#, Some("7"));
        check(r#"{"binaryValue":"eA==","dataType":"Binary"}"#, Some("x"));
        check(
            r#"{"binaryValue":"eA==","dataType":"Binary.png"}"#,
            Some("x"),
        );
    }

    #[test]
    fn garbage_is_empty() {
        check(r#"{"binaryValue":"%%%","dataType":"Binary"}"#, Some(""));
        check(r#"{"binaryValue":"/w==","dataType":"Binary"}"#, Some(""));
        check(r#"{"stringValue":7,"dataType":"String"}"#, Some(""));
        check(r#"{"stringValue":"x"}"#, Some(""));
        check(r#"{"stringValue":"x","dataType":null}"#, Some(""));
        check("null", None);
        check(r#""text""#, Some(""));
        assert!(RecordAttributes::from_json("[1]").0.is_empty());
    }

    #[test]
    fn names_have_case() {
        let json = r#"{"TraceParent":{"stringValue":"x","dataType":"String"}}"#;
        assert_eq!(
            RecordAttributes::from_json(json)
                .values_of("traceparent")
                .next(),
            None
        );
    }
}
