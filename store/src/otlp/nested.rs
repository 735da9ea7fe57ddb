//! The nested columns: attribute maps, and lists of events and of links.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListArray, MapArray, StructArray, UInt32Array};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use prost::DecodeError;

use super::attributes::{self, Attribute};
use super::decode::column_ns;
use super::schema;
use super::texts::{Ends, Texts};
use super::wire::Fields;

/// A map column and the column of type letters beside it.
#[derive(Debug, Default)]
pub(super) struct AttributeMaps {
    keys: Texts,
    values: Texts,
    ends: Ends,
    types: Texts,
}

impl AttributeMaps {
    pub(super) fn push(&mut self, attributes: &[Attribute<'_>]) {
        for Attribute { key, value } in attributes {
            self.keys.push(key);
            value.push_to(&mut self.values);
            // A letter is one byte.
            self.types.write(&[value.kind().letter() as u8]);
        }
        self.types.end();
        self.ends.push(self.keys.len());
    }

    /// All rows of another column: what is told once for many spans is read once.
    pub(super) fn extend(&mut self, other: &Self) {
        self.keys.extend(&other.keys);
        self.values.extend(&other.values);
        self.types.extend(&other.types);
        self.ends.extend(&other.ends);
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.keys.size_bytes() + self.values.size_bytes() + self.types.size_bytes()
    }

    pub(super) fn finish(&mut self) -> Result<[ArrayRef; 2], ArrowError> {
        let Self {
            mut keys,
            mut values,
            ends,
            mut types,
        } = std::mem::take(self);
        let entry = schema::map_entry();
        let DataType::Struct(fields) = entry.data_type() else {
            return Err(ArrowError::SchemaError("a map holds structs".into()));
        };
        let entries =
            StructArray::try_new(fields.clone(), vec![keys.finish()?, values.finish()?], None)?;
        let map = MapArray::try_new(entry, ends.finish(), entries, None, false)?;
        Ok([Arc::new(map), types.finish()?])
    }
}

/// `events`.
#[derive(Debug, Default)]
pub(super) struct Events {
    ends: Ends,
    time_ns: Vec<i64>,
    name: Texts,
    attributes: AttributeMaps,
    dropped: Vec<u32>,
}

impl Events {
    /// Says whether a time was beyond the column's last.
    pub(super) fn push<'a>(
        &mut self,
        message: &'a [u8],
        scratch: &mut Scratch<'a>,
    ) -> Result<bool, DecodeError> {
        let (mut time_ns, mut name, mut dropped): (u64, &[u8], u32) = (0, &[], 0);
        scratch.messages.clear();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => time_ns = field.fixed_64()?,
                2 => name = field.bytes()?,
                3 => scratch.messages.push(field.bytes()?),
                4 => dropped = field.varint_32()?,
                _ => {}
            }
        }
        attributes::read(&scratch.messages, &mut scratch.attributes)?;
        self.time_ns.push(column_ns(time_ns));
        self.name.push(name);
        self.attributes.push(&scratch.attributes);
        self.dropped.push(dropped);
        Ok(i64::try_from(time_ns).is_err())
    }

    /// Ends the list of one span.
    pub(super) fn end(&mut self) {
        self.ends.push(self.time_ns.len());
    }

    pub(super) fn size_bytes(&self) -> usize {
        16 * self.time_ns.len() + self.name.size_bytes() + self.attributes.size_bytes()
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let mut this = std::mem::take(self);
        let [attributes, types] = this.attributes.finish()?;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(this.time_ns)),
            this.name.finish()?,
            attributes,
            types,
            Arc::new(UInt32Array::from(this.dropped)),
        ];
        list(schema::EVENTS, this.ends, columns)
    }
}

/// `links`.
#[derive(Debug, Default)]
pub(super) struct Links {
    ends: Ends,
    trace_id: Texts,
    span_id: Texts,
    trace_state: Texts,
    attributes: AttributeMaps,
    dropped: Vec<u32>,
    flags: Vec<u32>,
}

impl Links {
    pub(super) fn push<'a>(
        &mut self,
        message: &'a [u8],
        scratch: &mut Scratch<'a>,
    ) -> Result<(), DecodeError> {
        let (mut trace_id, mut span_id, mut trace_state): (&[u8], &[u8], &[u8]) = (&[], &[], &[]);
        let (mut dropped, mut flags) = (0, 0);
        scratch.messages.clear();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => trace_id = field.bytes()?,
                2 => span_id = field.bytes()?,
                3 => trace_state = field.bytes()?,
                4 => scratch.messages.push(field.bytes()?),
                5 => dropped = field.varint_32()?,
                6 => flags = field.fixed_32()?,
                _ => {}
            }
        }
        attributes::read(&scratch.messages, &mut scratch.attributes)?;
        self.trace_id.push_hex(trace_id);
        self.span_id.push_hex(span_id);
        self.trace_state.push(trace_state);
        self.attributes.push(&scratch.attributes);
        self.dropped.push(dropped);
        self.flags.push(flags);
        Ok(())
    }

    /// Ends the list of one span.
    pub(super) fn end(&mut self) {
        self.ends.push(self.flags.len());
    }

    pub(super) fn size_bytes(&self) -> usize {
        let texts = [&self.trace_id, &self.span_id, &self.trace_state];
        texts.into_iter().map(Texts::size_bytes).sum::<usize>()
            + self.attributes.size_bytes()
            + 12 * self.flags.len()
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let mut this = std::mem::take(self);
        let [attributes, types] = this.attributes.finish()?;
        let columns: Vec<ArrayRef> = vec![
            this.trace_id.finish()?,
            this.span_id.finish()?,
            this.trace_state.finish()?,
            attributes,
            types,
            Arc::new(UInt32Array::from(this.dropped)),
            Arc::new(UInt32Array::from(this.flags)),
        ];
        list(schema::LINKS, this.ends, columns)
    }
}

/// Vectors that are used again for each list of attributes.
#[derive(Debug, Default)]
pub(super) struct Scratch<'a> {
    pub(super) messages: Vec<&'a [u8]>,
    pub(super) attributes: Vec<Attribute<'a>>,
}

fn list(name: &str, ends: Ends, columns: Vec<ArrayRef>) -> Result<ArrayRef, ArrowError> {
    let column = schema::spans();
    let DataType::List(item) = column.field_with_name(name)?.data_type() else {
        return Err(ArrowError::SchemaError(format!("`{name}` is a list")));
    };
    let DataType::Struct(fields) = item.data_type() else {
        return Err(ArrowError::SchemaError(format!("`{name}` holds structs")));
    };
    let rows = StructArray::try_new(fields.clone(), columns, None)?;
    let list = ListArray::try_new(Arc::clone(item), ends.finish(), Arc::new(rows), None)?;
    Ok(Arc::new(list))
}
