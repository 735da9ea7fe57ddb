//! Attribute lists as a map of text and a text of type letters.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;

use super::json;

/// What an attribute was before it became text: one letter per entry, in the order of the map.
///
/// ```
/// use baton_store::otlp::AttributeType;
///
/// assert_eq!(AttributeType::Int.letter(), 'i');
/// assert_eq!(AttributeType::of_letter('y'), Some(AttributeType::Bytes));
/// assert_eq!(AttributeType::of_letter('?'), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// `s`: the text itself.
    String,
    /// `i`: decimal digits.
    Int,
    /// `d`: the shortest text that reads back as the same number, or `NaN`, `Infinity`, `-Infinity`.
    Double,
    /// `b`: `true` or `false`.
    Bool,
    /// `y`: base64.
    Bytes,
    /// `a`: JSON, see the module.
    Array,
    /// `k`: JSON, see the module.
    KeyValueList,
    /// `n`: a key without a value; the map holds NULL.
    Empty,
}

impl AttributeType {
    const ALL: [Self; 8] = [
        Self::String,
        Self::Int,
        Self::Double,
        Self::Bool,
        Self::Bytes,
        Self::Array,
        Self::KeyValueList,
        Self::Empty,
    ];

    /// The letter in the `…_types` columns.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::String => 's',
            Self::Int => 'i',
            Self::Double => 'd',
            Self::Bool => 'b',
            Self::Bytes => 'y',
            Self::Array => 'a',
            Self::KeyValueList => 'k',
            Self::Empty => 'n',
        }
    }

    /// The type that a letter stands for.
    #[must_use]
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }
}

/// One attribute list as the columns hold it: every key once.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) entries: Vec<(String, Option<String>)>,
    pub(super) types: String,
}

impl Attributes {
    /// The last value of a key wins, at the place of its first.
    pub(super) fn of(list: Vec<KeyValue>) -> Self {
        let mut places: HashMap<String, usize> = HashMap::with_capacity(list.len());
        let mut entries: Vec<(String, Option<String>, AttributeType)> =
            Vec::with_capacity(list.len());
        for KeyValue { key, value, .. } in list {
            let (kind, text) = as_text(value.and_then(|value| value.value));
            let place = places.get(&key).and_then(|place| entries.get_mut(*place));
            if let Some(entry) = place {
                (entry.1, entry.2) = (text, kind);
            } else {
                places.insert(key.clone(), entries.len());
                entries.push((key, text, kind));
            }
        }
        let types = entries.iter().map(|(_, _, kind)| kind.letter()).collect();
        let entries = entries
            .into_iter()
            .map(|(key, text, _)| (key, text))
            .collect();
        Self { entries, types }
    }

    /// The text of a string attribute.
    pub(super) fn string(&self, key: &str) -> Option<&str> {
        let entries = self.entries.iter().zip(self.types.chars());
        entries
            .filter(|(_, letter)| *letter == 's')
            .find(|((k, _), _)| k == key)
            .and_then(|((_, text), _)| text.as_deref())
    }

    /// About what a row with these takes in memory.
    pub(super) fn size_bytes(&self) -> usize {
        self.entries
            .iter()
            .map(|(key, text)| key.len() + text.as_ref().map_or(0, String::len) + 9)
            .sum()
    }
}

fn as_text(value: Option<Value>) -> (AttributeType, Option<String>) {
    let (kind, text) = match value {
        // A string index belongs to profiles, which have the dictionary it points into.
        None | Some(Value::StringValueStrindex(_)) => return (AttributeType::Empty, None),
        Some(Value::StringValue(text)) => (AttributeType::String, text),
        Some(Value::BoolValue(flag)) => (AttributeType::Bool, flag.to_string()),
        Some(Value::IntValue(number)) => (AttributeType::Int, number.to_string()),
        Some(Value::DoubleValue(number)) => (AttributeType::Double, json::double(number)),
        Some(Value::ArrayValue(array)) => (AttributeType::Array, json::array(&array.values)),
        Some(Value::KvlistValue(list)) => (
            AttributeType::KeyValueList,
            json::key_value_list(&list.values),
        ),
        Some(Value::BytesValue(bytes)) => (AttributeType::Bytes, BASE64_STANDARD.encode(bytes)),
    };
    (kind, Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::common::v1::AnyValue;

    fn entry(key: &str, value: Option<Value>) -> KeyValue {
        KeyValue {
            key: key.into(),
            value: value.map(|value| AnyValue { value: Some(value) }),
            ..Default::default()
        }
    }

    #[test]
    fn the_last_of_a_key_wins() {
        let list = vec![
            entry("k", Some(Value::StringValue("first".into()))),
            entry("other", Some(Value::BoolValue(true))),
            entry("k", Some(Value::IntValue(2))),
        ];
        let attributes = Attributes::of(list);
        assert_eq!(
            attributes.entries,
            [
                ("k".into(), Some("2".into())),
                ("other".into(), Some("true".into()))
            ]
        );
        assert_eq!(attributes.types, "ib");
    }

    #[test]
    fn a_service_name_is_a_string() {
        let attributes = Attributes::of(vec![
            entry("a", None),
            entry("n", Some(Value::IntValue(1))),
            entry("s", Some(Value::StringValue("x".into()))),
        ]);
        assert_eq!(
            (
                attributes.string("n"),
                attributes.string("s"),
                attributes.string("a")
            ),
            (None, Some("x"), None)
        );
        assert_eq!(attributes.types, "nis");
    }
}
