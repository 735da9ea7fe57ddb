//! The columns of a record batch of spans: those of the table `baton_data.span_rows`, in its order.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

pub(super) const EVENTS: &str = "events";
pub(super) const LINKS: &str = "links";

static SPANS: LazyLock<SchemaRef> = LazyLock::new(|| Arc::new(Schema::new(columns())));
static MAP_ENTRY: LazyLock<FieldRef> = LazyLock::new(|| {
    let entry = Fields::from(vec![text("key"), optional("value", DataType::Utf8)]);
    Arc::new(Field::new("entries", DataType::Struct(entry), false))
});

/// The columns of a span.
pub(crate) fn spans() -> SchemaRef {
    Arc::clone(&SPANS)
}

/// A key and its value.
pub(super) fn map_entry() -> FieldRef {
    Arc::clone(&MAP_ENTRY)
}

fn columns() -> Vec<Field> {
    let mut columns = vec![
        text("trace_id"),
        text("span_id"),
        optional("parent_span_id", DataType::Utf8),
        text("trace_state"),
        Field::new("flags", DataType::UInt32, false),
        text("service_name"),
        text("name"),
        text("kind"),
        Field::new("start_time_ns", DataType::Int64, false),
        Field::new("duration_ns", DataType::Int64, false),
        text("status_code"),
        text("status_message"),
    ];
    columns.extend(attributes("attributes", "attribute_types"));
    columns.extend(attributes(
        "resource_attributes",
        "resource_attribute_types",
    ));
    columns.extend([
        optional("resource_dropped_attributes_count", DataType::UInt32),
        optional("resource_schema_url", DataType::Utf8),
        optional("resource_entity_refs", DataType::Utf8),
        text("scope_name"),
        text("scope_version"),
    ]);
    columns.extend(attributes("scope_attributes", "scope_attribute_types"));
    columns.extend([
        optional("scope_dropped_attributes_count", DataType::UInt32),
        optional("scope_schema_url", DataType::Utf8),
        list(EVENTS, event()),
        list(LINKS, link()),
        Field::new("dropped_attributes_count", DataType::UInt32, false),
        Field::new("dropped_events_count", DataType::UInt32, false),
        Field::new("dropped_links_count", DataType::UInt32, false),
    ]);
    columns
}

fn event() -> Vec<Field> {
    let mut fields = vec![Field::new("time_ns", DataType::Int64, false), text("name")];
    fields.extend(attributes("attributes", "attribute_types"));
    fields.push(Field::new(
        "dropped_attributes_count",
        DataType::UInt32,
        false,
    ));
    fields
}

fn link() -> Vec<Field> {
    let mut fields = vec![text("trace_id"), text("span_id"), text("trace_state")];
    fields.extend(attributes("attributes", "attribute_types"));
    fields.push(Field::new(
        "dropped_attributes_count",
        DataType::UInt32,
        false,
    ));
    fields.push(Field::new("flags", DataType::UInt32, false));
    fields
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

fn optional(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}

fn attributes(map: &str, types: &str) -> [Field; 2] {
    [
        Field::new(map, DataType::Map(map_entry(), false), false),
        text(types),
    ]
}

fn list(name: &str, fields: Vec<Field>) -> Field {
    let item = Field::new("item", DataType::Struct(fields.into()), false);
    Field::new(name, DataType::List(Arc::new(item)), false)
}
