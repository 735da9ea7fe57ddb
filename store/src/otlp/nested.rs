//! The nested columns: attribute maps, and lists of events and of links.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Builder, ListArray, MapBuilder, MapFieldNames, StringBuilder, StructArray,
    UInt32Builder,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Fields};
use arrow::error::ArrowError;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};

use super::attributes::Attributes;
use super::decode::{column_ns, hex};

/// A map column and the column of type letters beside it.
#[derive(Debug)]
pub(super) struct AttributesBuilder {
    map: MapBuilder<StringBuilder, StringBuilder>,
    types: StringBuilder,
}

impl Default for AttributesBuilder {
    fn default() -> Self {
        let names = MapFieldNames {
            entry: "entries".into(),
            key: "key".into(),
            value: "value".into(),
        };
        Self {
            map: MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new()),
            types: StringBuilder::new(),
        }
    }
}

impl AttributesBuilder {
    pub(super) fn append(&mut self, attributes: &Attributes) -> Result<(), ArrowError> {
        for (key, text) in &attributes.entries {
            self.map.keys().append_value(key);
            self.map.values().append_option(text.as_ref());
        }
        self.map.append(true)?;
        self.types.append_value(&attributes.types);
        Ok(())
    }

    pub(super) fn finish(&mut self) -> [ArrayRef; 2] {
        [Arc::new(self.map.finish()), Arc::new(self.types.finish())]
    }
}

/// Where the lists of a list column end.
#[derive(Debug)]
struct Ends(Vec<i32>);

impl Default for Ends {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Ends {
    fn push(&mut self, length: usize) -> Result<(), ArrowError> {
        let last = self.0.last().copied().unwrap_or_default();
        let end = i32::try_from(length)
            .ok()
            .and_then(|length| last.checked_add(length));
        self.0
            .push(end.ok_or_else(|| ArrowError::ComputeError("too many list entries".into()))?);
        Ok(())
    }

    fn finish(&mut self, columns: Vec<(&str, ArrayRef)>) -> Result<ArrayRef, ArrowError> {
        let fields = columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
        let fields = Fields::from_iter(fields);
        let item = Field::new("item", DataType::Struct(fields.clone()), true);
        let rows = StructArray::try_new(
            fields,
            columns.into_iter().map(|(_, array)| array).collect(),
            None,
        )?;
        let ends = std::mem::take(self).0;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(ListArray::try_new(
            Arc::new(item),
            offsets,
            Arc::new(rows),
            None,
        )?))
    }
}

/// `events`.
#[derive(Debug, Default)]
pub(super) struct EventsBuilder {
    ends: Ends,
    time_ns: Int64Builder,
    name: StringBuilder,
    attributes: AttributesBuilder,
    dropped: UInt32Builder,
}

impl EventsBuilder {
    /// Says about how many bytes the row took.
    pub(super) fn append(&mut self, events: Vec<Event>) -> Result<usize, ArrowError> {
        let mut size_bytes = 0;
        self.ends.push(events.len())?;
        for event in events {
            let attributes = Attributes::of(event.attributes);
            size_bytes += 32 + event.name.len() + attributes.size_bytes();
            self.time_ns.append_value(column_ns(event.time_unix_nano));
            self.name.append_value(event.name);
            self.attributes.append(&attributes)?;
            self.dropped.append_value(event.dropped_attributes_count);
        }
        Ok(size_bytes)
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let [attributes, types] = self.attributes.finish();
        self.ends.finish(vec![
            ("time_ns", Arc::new(self.time_ns.finish())),
            ("name", Arc::new(self.name.finish())),
            ("attributes", attributes),
            ("attribute_types", types),
            ("dropped_attributes_count", Arc::new(self.dropped.finish())),
        ])
    }
}

/// `links`.
#[derive(Debug, Default)]
pub(super) struct LinksBuilder {
    ends: Ends,
    trace_id: StringBuilder,
    span_id: StringBuilder,
    trace_state: StringBuilder,
    attributes: AttributesBuilder,
    dropped: UInt32Builder,
    flags: UInt32Builder,
}

impl LinksBuilder {
    /// Says about how many bytes the row took.
    pub(super) fn append(&mut self, links: Vec<Link>) -> Result<usize, ArrowError> {
        let mut size_bytes = 0;
        self.ends.push(links.len())?;
        for link in links {
            let attributes = Attributes::of(link.attributes);
            size_bytes += 40
                + 2 * (link.trace_id.len() + link.span_id.len())
                + link.trace_state.len()
                + attributes.size_bytes();
            self.trace_id.append_value(hex(&link.trace_id));
            self.span_id.append_value(hex(&link.span_id));
            self.trace_state.append_value(link.trace_state);
            self.attributes.append(&attributes)?;
            self.dropped.append_value(link.dropped_attributes_count);
            self.flags.append_value(link.flags);
        }
        Ok(size_bytes)
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let [attributes, types] = self.attributes.finish();
        self.ends.finish(vec![
            ("trace_id", Arc::new(self.trace_id.finish())),
            ("span_id", Arc::new(self.span_id.finish())),
            ("trace_state", Arc::new(self.trace_state.finish())),
            ("attributes", attributes),
            ("attribute_types", types),
            ("dropped_attributes_count", Arc::new(self.dropped.finish())),
            ("flags", Arc::new(self.flags.finish())),
        ])
    }
}
