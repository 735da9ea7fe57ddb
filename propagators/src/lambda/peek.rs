//! What a response says, without serializing it.
//!
//! A serializer that visits the top of a value, takes `statusCode`, `batchItemFailures` and Firehose's `records`, and skips everything else
//! unseen: the cost does not depend on the size of the body.

use lambda_runtime::FunctionResponse;
use serde::{
    Serialize, Serializer,
    ser::{self, Impossible, SerializeMap, SerializeStruct},
};
use serde_json::Value;

use crate::event::Trigger;

const STATUS_CODE: &str = "statusCode";
const BATCH_ITEM_FAILURES: &str = "batchItemFailures";
const RECORDS: &str = "records";
/// How `serde_json` calls a value that is JSON text already.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// What a handler's response says about the invocation.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    /// The listed message ids, `None` for an entry without a usable one.
    pub(super) failures: Option<Vec<Option<String>>>,
    /// Whether `records` say which of them failed, as those of Firehose do. Others may be large, and say nothing.
    records: bool,
}

/// The answer of a response, buffered or streaming.
pub(super) fn peek<B: Serialize, S>(trigger: Trigger, response: &FunctionResponse<B, S>) -> Answer {
    let mut answer = Answer {
        records: trigger == Trigger::Firehose,
        ..Answer::default()
    };
    match response {
        FunctionResponse::BufferedResponse(body) => {
            // It stops with an error at anything that is no object; what was seen by then counts.
            let _ = body.serialize(Peek(&mut answer, None));
        }
        FunctionResponse::StreamingResponse(stream) => {
            answer.status = Some(stream.metadata_prelude.status_code.as_u16());
        }
    }
    answer
}

/// The answer being filled, and the key of the map entry that comes next.
struct Peek<'a>(&'a mut Answer, Option<String>);

/// Not an object.
#[derive(Debug, thiserror::Error)]
#[error("nothing to see here")]
struct Stop;

// ===== impl Answer =====

impl Answer {
    fn take(&mut self, key: &str, value: &(impl Serialize + ?Sized)) {
        match key {
            STATUS_CODE => {
                let status = serde_json::to_value(value).ok();
                self.status = status.and_then(|status| status.as_u64()?.try_into().ok());
            }
            BATCH_ITEM_FAILURES => {
                self.failures = serde_json::to_value(value).ok().map(|list| ids(&list))
            }
            RECORDS if self.records => {
                self.failures = serde_json::to_value(value)
                    .ok()
                    .map(|list| unprocessed(&list))
            }
            RAW_VALUE => {
                // A `RawValue` shows its text as the only field of a struct with this name.
                let text = serde_json::to_value(value).ok();
                let object: Option<Value> =
                    text.and_then(|text| serde_json::from_str(text.as_str()?).ok());
                if let Some(object) = object {
                    let _ = object.serialize(Peek(self, None));
                }
            }
            _ => {}
        }
    }
}

/// `null` and an empty list mean success; what is no list is no valid response, and fails the whole batch.
fn ids(list: &Value) -> Vec<Option<String>> {
    match list {
        Value::Null => Vec::new(),
        Value::Array(entries) => entries
            .iter()
            .map(|entry| id(entry.get("itemIdentifier")?))
            .collect(),
        _ => vec![None],
    }
}

/// A message id or sequence number; of Kafka an object with an offset and the partition that it counts in.
fn id(identifier: &Value) -> Option<String> {
    match identifier {
        Value::String(id) => (!id.is_empty()).then(|| id.clone()),
        Value::Object(parts) => {
            let partition = parts.values().find_map(Value::as_str)?;
            Some(format!("{partition}-{}", parts.get("offset")?.as_i64()?))
        }
        _ => None,
    }
}

/// The records that a Firehose transformation gave up.
fn unprocessed(list: &Value) -> Vec<Option<String>> {
    let records = list.as_array().into_iter().flatten();
    let failed = records.filter(|record| {
        record
            .get("result")
            .is_some_and(|it| it == "ProcessingFailed")
    });
    failed.map(|record| id(record.get("recordId")?)).collect()
}

// ===== impl Serializer for Peek =====

macro_rules! stop {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)+) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$ok, Stop> { Err(Stop) })+
    };
}

impl<'a> Serializer for Peek<'a> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Impossible<(), Stop>;
    type SerializeTuple = Impossible<(), Stop>;
    type SerializeTupleStruct = Impossible<(), Stop>;
    type SerializeTupleVariant = Impossible<(), Stop>;
    type SerializeMap = Peek<'a>;
    type SerializeStruct = Peek<'a>;
    type SerializeStructVariant = Impossible<(), Stop>;

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Stop> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Stop> {
        Ok(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Stop> {
        Err(Stop)
    }

    stop! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}

impl SerializeStruct for Peek<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        self.0.take(key, value);
        Ok(())
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

impl SerializeMap for Peek<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        let key = serde_json::to_value(key).ok();
        self.1 = key.and_then(|key| key.as_str().map(str::to_owned));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        if let Some(key) = self.1.take() {
            self.0.take(&key, value);
        }
        Ok(())
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

impl ser::Error for Stop {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests;
