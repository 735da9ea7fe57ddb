//! Rows of spans, built column by column.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::attributes;
use super::decode::column_ns;
use super::nested::{AttributeMaps, Events, Links, Scratch};
use super::origin::{Resource, Scope};
use super::schema;
use super::span::{Parts, Span};
use super::texts::Texts;

/// The spans of one request, as a record batch with the columns of `baton_data.spans`.
#[derive(Debug, Clone)]
pub struct SpanBatch {
    pub(crate) batch: RecordBatch,
    size_bytes: usize,
}

impl Default for SpanBatch {
    fn default() -> Self {
        Self {
            batch: RecordBatch::new_empty(schema::spans()),
            size_bytes: 0,
        }
    }
}

impl SpanBatch {
    /// How many spans.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About what they take in memory.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.size_bytes
    }
}

/// Collects the rows of one request.
#[derive(Debug, Default)]
pub(super) struct Rows {
    trace_id: Texts,
    span_id: Texts,
    parent_span_id: Texts,
    trace_state: Texts,
    flags: Vec<u32>,
    service_name: Texts,
    name: Texts,
    kind: Texts,
    start_time_ns: Vec<i64>,
    duration_ns: Vec<i64>,
    status_code: Texts,
    status_message: Texts,
    attributes: AttributeMaps,
    resource: ResourceColumns,
    scope: ScopeColumns,
    events: Events,
    links: Links,
    dropped_attributes_count: Vec<u32>,
    dropped_events_count: Vec<u32>,
    dropped_links_count: Vec<u32>,
}

/// What a row takes in columns of numbers.
const NUMBERS_BYTES: usize = 40;

impl Rows {
    /// About what the rows take in memory.
    pub(super) fn size_bytes(&self) -> usize {
        let texts = [
            &self.trace_id,
            &self.span_id,
            &self.parent_span_id,
            &self.trace_state,
            &self.service_name,
            &self.name,
            &self.kind,
            &self.status_code,
            &self.status_message,
        ];
        NUMBERS_BYTES * self.flags.len()
            + texts.into_iter().map(Texts::size_bytes).sum::<usize>()
            + self.attributes.size_bytes()
            + self.resource.size_bytes()
            + self.scope.size_bytes()
            + self.events.size_bytes()
            + self.links.size_bytes()
    }

    /// Says whether a time had to be changed.
    pub(super) fn append<'a>(
        &mut self,
        resource: &Resource<'a>,
        scope: &Scope<'a>,
        span: &Span<'a>,
        parts: &Parts<'a>,
        scratch: &mut Scratch<'a>,
    ) -> Result<bool, prost::DecodeError> {
        let (start_ns, end_ns) = (column_ns(span.start_ns), column_ns(span.end_ns));
        let mut is_clamped =
            start_ns.cast_unsigned() != span.start_ns || end_ns.cast_unsigned() != span.end_ns;
        self.trace_id.push_hex(span.trace_id);
        self.span_id.push_hex(span.span_id);
        match span.parent() {
            Some(parent) => self.parent_span_id.push_hex(parent),
            None => self.parent_span_id.push_null(),
        }
        self.trace_state.push(span.trace_state);
        self.flags.push(span.flags);
        self.service_name.push(&resource.service_name);
        self.name.push(span.name);
        self.kind.push(span.kind_name().as_bytes());
        self.start_time_ns.push(start_ns);
        // Both lie between 0 and i64::MAX: the difference fits, and start plus duration is the end again.
        self.duration_ns.push(end_ns - start_ns);
        self.status_code.push(span.status_name().as_bytes());
        self.status_message.push(span.status_message);
        attributes::read(&parts.attributes, &mut scratch.attributes)?;
        self.attributes.push(&scratch.attributes);
        self.resource.push(resource);
        self.scope.push(scope);
        for event in &parts.events {
            is_clamped |= self.events.push(event, scratch)?;
        }
        self.events.end();
        for link in &parts.links {
            self.links.push(link, scratch)?;
        }
        self.links.end();
        self.dropped_attributes_count.push(span.dropped_attributes);
        self.dropped_events_count.push(span.dropped_events);
        self.dropped_links_count.push(span.dropped_links);
        Ok(is_clamped)
    }

    /// # Errors
    /// Fails when a text is no UTF-8.
    pub(super) fn finish(mut self) -> Result<SpanBatch, ArrowError> {
        let size_bytes = self.size_bytes();
        let numbers = |values: Vec<u32>| -> ArrayRef { Arc::new(UInt32Array::from(values)) };
        let [attributes, attribute_types] = self.attributes.finish()?;
        let mut columns: Vec<ArrayRef> = vec![
            self.trace_id.finish()?,
            self.span_id.finish()?,
            self.parent_span_id.finish()?,
            self.trace_state.finish()?,
            numbers(self.flags),
            self.service_name.finish()?,
            self.name.finish()?,
            self.kind.finish()?,
            Arc::new(Int64Array::from(self.start_time_ns)),
            Arc::new(Int64Array::from(self.duration_ns)),
            self.status_code.finish()?,
            self.status_message.finish()?,
            attributes,
            attribute_types,
        ];
        columns.extend(self.resource.finish()?);
        columns.extend(self.scope.finish()?);
        columns.extend([
            self.events.finish()?,
            self.links.finish()?,
            numbers(self.dropped_attributes_count),
            numbers(self.dropped_events_count),
            numbers(self.dropped_links_count),
        ]);
        let batch = RecordBatch::try_new(schema::spans(), columns)?;
        Ok(SpanBatch { batch, size_bytes })
    }
}

/// What is told once for many spans and stands in every row.
#[derive(Debug, Default)]
struct ResourceColumns {
    attributes: AttributeMaps,
    dropped: Vec<Option<u32>>,
    schema_url: Texts,
    entity_refs: Texts,
}

impl ResourceColumns {
    fn push(&mut self, resource: &Resource<'_>) {
        self.attributes.extend(&resource.attributes);
        self.dropped.push(resource.dropped_attributes_count);
        self.schema_url.push_option(resource.schema_url);
        self.entity_refs
            .push_option(resource.entity_refs.as_deref());
    }

    fn size_bytes(&self) -> usize {
        self.attributes.size_bytes() + self.schema_url.size_bytes() + self.entity_refs.size_bytes()
    }

    fn finish(mut self) -> Result<[ArrayRef; 5], ArrowError> {
        let [attributes, types] = self.attributes.finish()?;
        Ok([
            attributes,
            types,
            Arc::new(UInt32Array::from(self.dropped)),
            self.schema_url.finish()?,
            self.entity_refs.finish()?,
        ])
    }
}

#[derive(Debug, Default)]
struct ScopeColumns {
    name: Texts,
    version: Texts,
    attributes: AttributeMaps,
    dropped: Vec<Option<u32>>,
    schema_url: Texts,
}

impl ScopeColumns {
    fn push(&mut self, scope: &Scope<'_>) {
        self.name.push(scope.name);
        self.version.push(scope.version);
        self.attributes.extend(&scope.attributes);
        self.dropped.push(scope.dropped_attributes_count);
        self.schema_url.push_option(scope.schema_url);
    }

    fn size_bytes(&self) -> usize {
        let texts = [&self.name, &self.version, &self.schema_url];
        texts.into_iter().map(Texts::size_bytes).sum::<usize>() + self.attributes.size_bytes()
    }

    fn finish(mut self) -> Result<[ArrayRef; 6], ArrowError> {
        let [attributes, types] = self.attributes.finish()?;
        Ok([
            self.name.finish()?,
            self.version.finish()?,
            attributes,
            types,
            Arc::new(UInt32Array::from(self.dropped)),
            self.schema_url.finish()?,
        ])
    }
}
