//! Arrays and key-value lists as JSON text: plain where that is exact, OTLP's typed form where it is not.
//!
//! A string is a JSON string, an integer a number without a point, a double one with a point or an exponent, empty is `null`.
//! Bytes, and doubles that JSON has no number for, become `{"bytesValue":"…"}` and `{"doubleValue":"NaN"}`. A list with one key that
//! looks like this, or with a key twice, becomes `{"kvlistValue":{"values":[{"key":…,"value":…}]}}`. So the text can be read back exactly.

use std::collections::HashSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

/// An object with exactly one of these keys is a typed value.
const TYPED: [&str; 7] = [
    "stringValue",
    "boolValue",
    "intValue",
    "doubleValue",
    "arrayValue",
    "kvlistValue",
    "bytesValue",
];

pub(super) fn array(values: &[AnyValue]) -> String {
    let mut out = String::new();
    write_array(&mut out, values);
    out
}

pub(super) fn key_value_list(values: &[KeyValue]) -> String {
    let mut out = String::new();
    write_list(&mut out, values);
    out
}

/// The shortest text that reads back as the same number; it always has a point or an exponent.
pub(super) fn double(value: f64) -> String {
    match value {
        v if v.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        v => format!("{v:?}"),
    }
}

fn write_array(out: &mut String, values: &[AnyValue]) {
    out.push('[');
    for (i, value) in values.iter().enumerate() {
        separate(out, i);
        write_value(out, value.value.as_ref());
    }
    out.push(']');
}

fn write_list(out: &mut String, values: &[KeyValue]) {
    if is_plain_object(values) {
        out.push('{');
        for (i, entry) in values.iter().enumerate() {
            separate(out, i);
            write_string(out, &entry.key);
            out.push(':');
            write_value(
                out,
                entry.value.as_ref().and_then(|value| value.value.as_ref()),
            );
        }
        out.push('}');
        return;
    }
    out.push_str(r#"{"kvlistValue":{"values":["#);
    for (i, entry) in values.iter().enumerate() {
        separate(out, i);
        out.push_str(r#"{"key":"#);
        write_string(out, &entry.key);
        out.push_str(r#","value":"#);
        write_value(
            out,
            entry.value.as_ref().and_then(|value| value.value.as_ref()),
        );
        out.push('}');
    }
    out.push_str("]}}");
}

fn is_plain_object(values: &[KeyValue]) -> bool {
    if let [only] = values {
        return !TYPED.contains(&only.key.as_str());
    }
    let mut seen = HashSet::with_capacity(values.len());
    values.iter().all(|entry| seen.insert(entry.key.as_str()))
}

fn write_value(out: &mut String, value: Option<&Value>) {
    match value {
        None | Some(Value::StringValueStrindex(_)) => out.push_str("null"),
        Some(Value::StringValue(text)) => write_string(out, text),
        Some(Value::BoolValue(flag)) => out.push_str(if *flag { "true" } else { "false" }),
        Some(Value::IntValue(number)) => out.push_str(&number.to_string()),
        Some(Value::DoubleValue(number)) if number.is_finite() => out.push_str(&double(*number)),
        Some(Value::DoubleValue(number)) => {
            out.push_str(&format!(r#"{{"doubleValue":"{}"}}"#, double(*number)));
        }
        Some(Value::ArrayValue(array)) => write_array(out, &array.values),
        Some(Value::KvlistValue(list)) => write_list(out, &list.values),
        Some(Value::BytesValue(bytes)) => {
            let text = BASE64_STANDARD.encode(bytes);
            out.push_str(&format!(r#"{{"bytesValue":"{text}"}}"#));
        }
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValueList};

    fn any(value: Value) -> AnyValue {
        AnyValue { value: Some(value) }
    }

    fn entry(key: &str, value: Value) -> KeyValue {
        KeyValue {
            key: key.into(),
            value: Some(any(value)),
            ..Default::default()
        }
    }

    #[track_caller]
    fn check(values: &[AnyValue], expected: &Expect) {
        let text = array(values);
        serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON");
        expected.assert_eq(&text);
    }

    #[test]
    fn plain_where_exact() {
        let values = [
            any(Value::StringValue("a \"b\"\n\0".into())),
            any(Value::IntValue(i64::MIN)),
            any(Value::DoubleValue(1.0)),
            any(Value::DoubleValue(-0.0)),
            any(Value::DoubleValue(1e300)),
            any(Value::BoolValue(true)),
            AnyValue { value: None },
            any(Value::ArrayValue(ArrayValue { values: vec![] })),
            any(Value::KvlistValue(KeyValueList {
                values: vec![
                    entry("b", Value::IntValue(1)),
                    entry("a", Value::IntValue(2)),
                ],
            })),
        ];
        check(
            &values,
            &expect![[
                r#"["a \"b\"\n\u0000",-9223372036854775808,1.0,-0.0,1e300,true,null,[],{"b":1,"a":2}]"#
            ]],
        );
    }

    #[test]
    fn typed_where_plain_is_not_exact() {
        let twice = vec![
            entry("k", Value::IntValue(1)),
            entry("k", Value::IntValue(2)),
        ];
        let values = [
            any(Value::BytesValue(vec![0, 255])),
            any(Value::DoubleValue(f64::NAN)),
            any(Value::DoubleValue(f64::NEG_INFINITY)),
            any(Value::KvlistValue(KeyValueList {
                values: vec![entry("bytesValue", Value::StringValue("AP8=".into()))],
            })),
            any(Value::KvlistValue(KeyValueList { values: twice })),
        ];
        check(
            &values,
            &expect![[
                r#"[{"bytesValue":"AP8="},{"doubleValue":"NaN"},{"doubleValue":"-Infinity"},{"kvlistValue":{"values":[{"key":"bytesValue","value":"AP8="}]}},{"kvlistValue":{"values":[{"key":"k","value":1},{"key":"k","value":2}]}}]"#
            ]],
        );
    }
}
