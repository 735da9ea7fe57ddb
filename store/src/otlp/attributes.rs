//! Attribute lists: every key once, every value as text with a type.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use prost::{DecodeError, Message};

use super::json;
use super::texts::Texts;
use super::wire::Fields;

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

/// One attribute. Texts are bytes of the request: they are checked to be UTF-8 when their column is finished.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attribute<'a> {
    pub(super) key: Cow<'a, [u8]>,
    pub(super) value: AttributeValue<'a>,
}

/// A value, as far as it needs to be looked into.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum AttributeValue<'a> {
    String(Cow<'a, [u8]>),
    Int(i64),
    Bool(bool),
    /// Of the other types, as text already.
    Other(AttributeType, String),
    Empty,
}

impl AttributeValue<'_> {
    pub(super) fn kind(&self) -> AttributeType {
        match self {
            Self::String(_) => AttributeType::String,
            Self::Int(_) => AttributeType::Int,
            Self::Bool(_) => AttributeType::Bool,
            Self::Other(kind, _) => *kind,
            Self::Empty => AttributeType::Empty,
        }
    }

    /// As the maps hold it.
    pub(super) fn push_to(&self, texts: &mut Texts) {
        match self {
            Self::String(text) => texts.push(text),
            Self::Int(number) => texts.push(itoa::Buffer::new().format(*number).as_bytes()),
            Self::Bool(true) => texts.push(b"true"),
            Self::Bool(false) => texts.push(b"false"),
            Self::Other(_, text) => texts.push(text.as_bytes()),
            Self::Empty => texts.push_null(),
        }
    }
}

/// Lists up to this length are searched without an index.
const SHORT_LIST: usize = 24;

/// Reads a list of `KeyValue` messages. The last value of a key wins, at the place of its first.
pub(super) fn read<'a>(
    messages: &[&'a [u8]],
    list: &mut Vec<Attribute<'a>>,
) -> Result<(), DecodeError> {
    list.clear();
    let mut places: HashMap<Cow<'a, [u8]>, usize> = HashMap::new();
    for message in messages {
        let attribute = read_one(message)?;
        let place = if messages.len() <= SHORT_LIST {
            list.iter().position(|other| other.key == attribute.key)
        } else {
            let next = list.len();
            let place = *places.entry(attribute.key.clone()).or_insert(next);
            (place < next).then_some(place)
        };
        match place.and_then(|place| list.get_mut(place)) {
            Some(earlier) => *earlier = attribute,
            None => list.push(attribute),
        }
    }
    Ok(())
}

fn read_one(message: &[u8]) -> Result<Attribute<'_>, DecodeError> {
    let (mut key, mut value): (Option<&[u8]>, Option<&[u8]>) = (None, None);
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => key = Some(field.bytes()?),
            // A message that comes twice is merged.
            2 if value.is_some() => return Ok(merged(KeyValue::decode(message)?)),
            2 => value = Some(field.bytes()?),
            _ => {}
        }
    }
    let value = value.map_or(Ok(AttributeValue::Empty), read_value)?;
    Ok(Attribute {
        key: Cow::Borrowed(key.unwrap_or_default()),
        value,
    })
}

fn read_value(message: &[u8]) -> Result<AttributeValue<'_>, DecodeError> {
    let mut fields = Fields::of(message);
    let Some(field) = fields.next() else {
        return Ok(AttributeValue::Empty);
    };
    let field = field?;
    let value = match field.number {
        1 => AttributeValue::String(Cow::Borrowed(field.bytes()?)),
        2 => AttributeValue::Bool(field.varint()? != 0),
        3 => AttributeValue::Int(field.varint()?.cast_signed()),
        _ => return Ok(of_any(AnyValue::decode(message)?)),
    };
    // Nothing else is in it, as a rule; where there is, prost knows which one counts.
    if fields.next().is_some() {
        return Ok(of_any(AnyValue::decode(message)?));
    }
    Ok(value)
}

fn merged(attribute: KeyValue) -> Attribute<'static> {
    Attribute {
        key: Cow::Owned(attribute.key.into_bytes()),
        value: attribute.value.map_or(AttributeValue::Empty, of_any),
    }
}

fn of_any(value: AnyValue) -> AttributeValue<'static> {
    let (kind, text) = match value.value {
        // A string index belongs to profiles, which have the dictionary it points into.
        None | Some(Value::StringValueStrindex(_)) => return AttributeValue::Empty,
        Some(Value::StringValue(text)) => {
            return AttributeValue::String(Cow::Owned(text.into_bytes()));
        }
        Some(Value::BoolValue(flag)) => return AttributeValue::Bool(flag),
        Some(Value::IntValue(number)) => return AttributeValue::Int(number),
        Some(Value::DoubleValue(number)) => (AttributeType::Double, json::double(number)),
        Some(Value::ArrayValue(array)) => (AttributeType::Array, json::array(&array.values)),
        Some(Value::KvlistValue(list)) => (
            AttributeType::KeyValueList,
            json::key_value_list(&list.values),
        ),
        Some(Value::BytesValue(bytes)) => (AttributeType::Bytes, BASE64_STANDARD.encode(bytes)),
    };
    AttributeValue::Other(kind, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, value: Option<Value>) -> Vec<u8> {
        let entry = KeyValue {
            key: key.into(),
            value: value.map(|value| AnyValue { value: Some(value) }),
            ..Default::default()
        };
        entry.encode_to_vec()
    }

    /// Keys, letters and texts.
    #[track_caller]
    fn check(messages: &[Vec<u8>], expected: &[(&str, char, Option<&str>)]) {
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let mut list = Vec::new();
        read(&messages, &mut list).unwrap();
        let found = list.iter().map(|attribute| {
            let mut text = Texts::default();
            attribute.value.push_to(&mut text);
            let text = text.finish().unwrap();
            let text = arrow::array::AsArray::as_string::<i32>(&text)
                .iter()
                .next()
                .unwrap();
            let key = String::from_utf8(attribute.key.to_vec()).unwrap();
            (
                key,
                attribute.value.kind().letter(),
                text.map(str::to_owned),
            )
        });
        let expected = expected
            .iter()
            .map(|(key, letter, text)| ((*key).to_owned(), *letter, text.map(str::to_owned)));
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn the_last_of_a_key_wins() {
        let mut list = vec![
            entry("k", Some(Value::StringValue("first".into()))),
            entry("other", Some(Value::BoolValue(true))),
            entry("k", Some(Value::IntValue(-2))),
        ];
        check(
            &list,
            &[("k", 'i', Some("-2")), ("other", 'b', Some("true"))],
        );
        // Also where there are many.
        list.extend((0..100).map(|_| entry("none", None)));
        check(
            &list,
            &[
                ("k", 'i', Some("-2")),
                ("other", 'b', Some("true")),
                ("none", 'n', None),
            ],
        );
    }

    #[test]
    fn what_comes_twice_is_merged_as_protobuf_says() {
        let twice = [
            entry("k", Some(Value::IntValue(1))),
            entry("k", Some(Value::DoubleValue(0.5))),
        ];
        check(&[twice.concat()], &[("k", 'd', Some("0.5"))]);
        let value = |value| AnyValue { value: Some(value) }.encode_to_vec();
        let both = [
            value(Value::StringValue("s".into())),
            value(Value::IntValue(7)),
        ]
        .concat();
        let mut message = vec![0x12, u8::try_from(both.len()).unwrap()];
        message.extend(both);
        check(&[message], &[("", 'i', Some("7"))]);
    }
}
