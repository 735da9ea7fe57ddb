//! Arrow values as JSON.

use std::fmt::Write as _;

use arrow::array::{Array, ArrayRef, AsArray, UnionArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use serde_json::{Map, Number, Value};

use super::error::QueryError;
use super::json_time;

/// The value of `array` at `row`, which must lie within it.
///
/// # Errors
/// A type that has no text.
pub(super) fn value(array: &ArrayRef, row: usize) -> Result<Value, QueryError> {
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        // Through its text: 0.1 as FLOAT is 0.1, not the double next to it.
        DataType::Float32 => float(&array.as_primitive::<Float32Type>().value(row).to_string()),
        DataType::Float64 => float(&array.as_primitive::<Float64Type>().value(row).to_string()),
        DataType::Decimal128(_, scale) => {
            decimal(array.as_primitive::<Decimal128Type>().value(row), *scale)
        }
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Binary => hex(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => hex(array.as_binary::<i64>().value(row)),
        DataType::FixedSizeBinary(_) => hex(array.as_fixed_size_binary().value(row)),
        DataType::Timestamp(unit, zone) => json_time::timestamp(array, row, *unit, zone.is_some())?,
        DataType::Date32 => json_time::date(array.as_primitive::<Date32Type>().value(row)),
        DataType::Time64(TimeUnit::Microsecond) => json_time::time_of_day(array, row)?,
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            json_time::interval(array.as_primitive::<IntervalMonthDayNanoType>().value(row))
        }
        DataType::List(_) => list(&array.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(_, _) => list(&array.as_fixed_size_list().value(row))?,
        DataType::Struct(_) => structure(array, row)?,
        DataType::Map(_, _) => map(array, row)?,
        DataType::Union(_, _) => union(array, row)?,
        _ => text(array, row)?.into(),
    })
}

/// About what a value takes in memory.
pub(super) fn size_bytes(value: &Value) -> usize {
    const VALUE: usize = size_of::<Value>();
    /// A place in the tree of an object, its key's allocation included.
    const ENTRY: usize = 64;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => VALUE,
        Value::String(text) => VALUE + text.len(),
        Value::Array(values) => VALUE + values.iter().map(size_bytes).sum::<usize>(),
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| ENTRY + key.len() + size_bytes(value);
            VALUE + entries.iter().map(entry).sum::<usize>()
        }
    }
}

/// DuckDB sends HUGEINT as a decimal of scale 0.
fn decimal(unscaled: i128, scale: i8) -> Value {
    let digits = unscaled.unsigned_abs().to_string();
    let scale = usize::try_from(scale).unwrap_or(0);
    if scale == 0 {
        let exact = i64::try_from(unscaled)
            .map(Number::from)
            .or_else(|_| u64::try_from(unscaled).map(Number::from));
        return exact.map_or_else(|_| unscaled.to_string().into(), Value::Number);
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let text = format!("{}{whole}.{fraction}", if unscaled < 0 { "-" } else { "" });
    // Fifteen digits always survive the way through a double.
    let number = (digits.len() <= 15)
        .then(|| text.parse().ok().and_then(Number::from_f64))
        .flatten();
    number.map_or(Value::String(text), Value::Number)
}

fn float(text: &str) -> Value {
    match text.parse().ok().and_then(Number::from_f64) {
        Some(number) => Value::Number(number),
        None => Value::String(text.replace("inf", "Infinity")),
    }
}

fn hex(bytes: &[u8]) -> Value {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.into()
}

fn list(values: &ArrayRef) -> Result<Value, QueryError> {
    (0..values.len())
        .map(|row| value(values, row))
        .collect::<Result<Vec<_>, _>>()
        .map(Value::Array)
}

fn structure(array: &ArrayRef, row: usize) -> Result<Value, QueryError> {
    let array = array.as_struct();
    let names = array.fields().iter().map(|field| field.name().clone());
    let values = array.columns().iter().map(|column| value(column, row));
    names
        .zip(values)
        .map(|(name, value)| Ok((name, value?)))
        .collect::<Result<Map<_, _>, _>>()
        .map(Value::Object)
}

fn map(array: &ArrayRef, row: usize) -> Result<Value, QueryError> {
    let entries: ArrayRef = std::sync::Arc::new(array.as_map().value(row));
    let [keys, values] = entries.as_struct().columns() else {
        return Err(QueryError::Result("a map without keys and values".into()));
    };
    let entry = |row| {
        let key = match value(keys, row)? {
            Value::String(key) => key,
            other => other.to_string(),
        };
        Ok((key, value(values, row)?))
    };
    (0..entries.len())
        .map(entry)
        .collect::<Result<Map<_, _>, _>>()
        .map(Value::Object)
}

fn union(array: &ArrayRef, row: usize) -> Result<Value, QueryError> {
    match array.as_any().downcast_ref::<UnionArray>() {
        Some(array) => value(array.child(array.type_id(row)), array.value_offset(row)),
        None => Err(QueryError::Result("a union that is none".into())),
    }
}

/// For the rare types: what Arrow prints.
fn text(array: &ArrayRef, row: usize) -> Result<String, QueryError> {
    arrow::util::display::array_value_to_string(array, row)
        .map_err(|error| QueryError::Result(error.to_string()))
}
