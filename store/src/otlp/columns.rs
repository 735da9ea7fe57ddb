//! Rows of `baton_data.spans`, built column by column.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, StringBuilder, UInt32Builder};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use opentelemetry_proto::tonic::trace::v1::Span;

use super::attributes::Attributes;
use super::decode::{column_ns, hex, kind_name, status_name};
use super::nested::{AttributesBuilder, EventsBuilder, LinksBuilder};
use super::origin::{Resource, Scope};

/// The appender copies a whole nested column for every 2,048 rows (DuckDB's vector) of a batch, so no batch is longer.
const BATCH_ROWS: usize = 2_048;
/// About what a row takes beside its texts.
const ROW_BYTES: usize = 250;

/// The spans of one request, as record batches with the columns of `baton_data.spans`.
#[derive(Debug, Clone, Default)]
pub struct SpanBatch {
    pub(crate) batches: Vec<RecordBatch>,
    rows: usize,
    size_bytes: usize,
}

impl SpanBatch {
    /// How many spans.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// About what they take in memory.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// A batch that the table refuses.
    #[cfg(test)]
    pub(crate) fn of_wrong_columns() -> Self {
        let column: ArrayRef = Arc::new(arrow::array::Int64Array::from(vec![1]));
        let batch = RecordBatch::try_from_iter([("unknown", column)]).unwrap();
        Self {
            batches: vec![batch],
            rows: 1,
            size_bytes: 8,
        }
    }
}

/// Collects the rows of one request.
#[derive(Debug, Default)]
pub(super) struct Rows {
    done: SpanBatch,
    open: Columns,
}

impl Rows {
    pub(super) fn size_bytes(&self) -> usize {
        self.done.size_bytes
    }

    pub(super) fn append(
        &mut self,
        resource: &Resource,
        scope: &Scope,
        span: Span,
    ) -> Result<(), ArrowError> {
        self.done.size_bytes += self.open.append(resource, scope, span)?;
        self.done.rows += 1;
        if self.done.rows.is_multiple_of(BATCH_ROWS) {
            self.done.batches.push(self.open.finish()?);
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<SpanBatch, ArrowError> {
        if !self.done.rows.is_multiple_of(BATCH_ROWS) {
            self.done.batches.push(self.open.finish()?);
        }
        Ok(self.done)
    }
}

#[derive(Debug, Default)]
struct Columns {
    trace_id: StringBuilder,
    span_id: StringBuilder,
    parent_span_id: StringBuilder,
    trace_state: StringBuilder,
    flags: UInt32Builder,
    service_name: StringBuilder,
    name: StringBuilder,
    kind: StringBuilder,
    start_time_ns: Int64Builder,
    duration_ns: Int64Builder,
    status_code: StringBuilder,
    status_message: StringBuilder,
    attributes: AttributesBuilder,
    resource: ResourceColumns,
    scope: ScopeColumns,
    events: EventsBuilder,
    links: LinksBuilder,
    dropped_attributes_count: UInt32Builder,
    dropped_events_count: UInt32Builder,
    dropped_links_count: UInt32Builder,
}

impl Columns {
    /// Says about how many bytes the row took.
    fn append(
        &mut self,
        resource: &Resource,
        scope: &Scope,
        span: Span,
    ) -> Result<usize, ArrowError> {
        let attributes = Attributes::of(span.attributes);
        let status = span.status.unwrap_or_default();
        let texts = span.trace_state.len()
            + span.name.len()
            + status.message.len()
            + attributes.size_bytes();
        let (start_ns, end_ns) = (
            column_ns(span.start_time_unix_nano),
            column_ns(span.end_time_unix_nano),
        );
        let parent = span
            .parent_span_id
            .iter()
            .any(|byte| *byte != 0)
            .then(|| hex(&span.parent_span_id));

        self.trace_id.append_value(hex(&span.trace_id));
        self.span_id.append_value(hex(&span.span_id));
        self.parent_span_id.append_option(parent);
        self.trace_state.append_value(span.trace_state);
        self.flags.append_value(span.flags);
        self.service_name.append_value(&resource.service_name);
        self.name.append_value(span.name);
        self.kind.append_value(kind_name(span.kind));
        self.start_time_ns.append_value(start_ns);
        // Both lie between 0 and i64::MAX: the difference fits, and start plus duration is the end again.
        self.duration_ns.append_value(end_ns - start_ns);
        self.status_code.append_value(status_name(status.code));
        self.status_message.append_value(status.message);
        self.attributes.append(&attributes)?;
        self.resource.append(resource)?;
        self.scope.append(scope)?;
        let events = self.events.append(span.events)?;
        let links = self.links.append(span.links)?;
        self.dropped_attributes_count
            .append_value(span.dropped_attributes_count);
        self.dropped_events_count
            .append_value(span.dropped_events_count);
        self.dropped_links_count
            .append_value(span.dropped_links_count);
        Ok(ROW_BYTES + texts + resource.size_bytes() + scope.size_bytes() + events + links)
    }

    /// The columns so far, by their names in `baton_data.spans` and in its order.
    fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let [attributes, attribute_types] = self.attributes.finish();
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("trace_id", Arc::new(self.trace_id.finish())),
            ("span_id", Arc::new(self.span_id.finish())),
            ("parent_span_id", Arc::new(self.parent_span_id.finish())),
            ("trace_state", Arc::new(self.trace_state.finish())),
            ("flags", Arc::new(self.flags.finish())),
            ("service_name", Arc::new(self.service_name.finish())),
            ("name", Arc::new(self.name.finish())),
            ("kind", Arc::new(self.kind.finish())),
            ("start_time_ns", Arc::new(self.start_time_ns.finish())),
            ("duration_ns", Arc::new(self.duration_ns.finish())),
            ("status_code", Arc::new(self.status_code.finish())),
            ("status_message", Arc::new(self.status_message.finish())),
            ("attributes", attributes),
            ("attribute_types", attribute_types),
        ];
        columns.extend(self.resource.finish());
        columns.extend(self.scope.finish());
        columns.extend([
            ("events", self.events.finish()?),
            ("links", self.links.finish()?),
            (
                "dropped_attributes_count",
                Arc::new(self.dropped_attributes_count.finish()) as ArrayRef,
            ),
            (
                "dropped_events_count",
                Arc::new(self.dropped_events_count.finish()),
            ),
            (
                "dropped_links_count",
                Arc::new(self.dropped_links_count.finish()),
            ),
        ]);
        RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
    }
}

/// What is told once for many spans and stands in every row.
#[derive(Debug, Default)]
struct ResourceColumns {
    attributes: AttributesBuilder,
    dropped: UInt32Builder,
    schema_url: StringBuilder,
    entity_refs: StringBuilder,
}

impl ResourceColumns {
    fn append(&mut self, resource: &Resource) -> Result<(), ArrowError> {
        self.attributes.append(&resource.attributes)?;
        self.dropped
            .append_option(resource.dropped_attributes_count);
        self.schema_url.append_option(resource.schema_url.as_ref());
        self.entity_refs
            .append_option(resource.entity_refs.as_ref());
        Ok(())
    }

    fn finish(&mut self) -> [(&'static str, ArrayRef); 5] {
        let [attributes, types] = self.attributes.finish();
        [
            ("resource_attributes", attributes),
            ("resource_attribute_types", types),
            (
                "resource_dropped_attributes_count",
                Arc::new(self.dropped.finish()),
            ),
            ("resource_schema_url", Arc::new(self.schema_url.finish())),
            ("resource_entity_refs", Arc::new(self.entity_refs.finish())),
        ]
    }
}

#[derive(Debug, Default)]
struct ScopeColumns {
    name: StringBuilder,
    version: StringBuilder,
    attributes: AttributesBuilder,
    dropped: UInt32Builder,
    schema_url: StringBuilder,
}

impl ScopeColumns {
    fn append(&mut self, scope: &Scope) -> Result<(), ArrowError> {
        self.name.append_value(&scope.name);
        self.version.append_value(&scope.version);
        self.attributes.append(&scope.attributes)?;
        self.dropped.append_option(scope.dropped_attributes_count);
        self.schema_url.append_option(scope.schema_url.as_ref());
        Ok(())
    }

    fn finish(&mut self) -> [(&'static str, ArrayRef); 6] {
        let [attributes, types] = self.attributes.finish();
        [
            ("scope_name", Arc::new(self.name.finish())),
            ("scope_version", Arc::new(self.version.finish())),
            ("scope_attributes", attributes),
            ("scope_attribute_types", types),
            (
                "scope_dropped_attributes_count",
                Arc::new(self.dropped.finish()),
            ),
            ("scope_schema_url", Arc::new(self.schema_url.finish())),
        ]
    }
}
