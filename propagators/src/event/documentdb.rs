//! DocumentDB: changes of documents; nothing carries.

use opentelemetry::KeyValue;

use super::{Event, Record, Trigger, envelope::Envelope};
use crate::{
    attribute as a,
    json::{Object, Raw, object},
};

object! {
    struct Change {
        id: "_id",
        namespace: "ns",
        operation: "operationType",
    }
}

pub(super) fn read<'a>(envelope: &Envelope<'a>) -> Event<'a> {
    let items = envelope.changes.into_iter().flat_map(Raw::items);
    let changes = items.filter_map(|item| item.get("event"));
    let record = |change| record(&Change::read(Some(change)), envelope);
    Event::of_items(Trigger::DocumentDb, changes, record)
}

fn record<'a>(change: &Change<'a>, envelope: &Envelope<'a>) -> Record<'a> {
    let mut record = Record::new(Trigger::DocumentDb).with_arn(envelope.event_source_arn);
    let id = change.id.and_then(|id| id.get("_data"));
    record.message_id = id.and_then(Raw::text).unwrap_or_default();
    let collection = change.namespace.and_then(|namespace| namespace.get("coll"));
    record.destination = collection.and_then(Raw::text).unwrap_or_default();
    record.detail(a::FAAS_DOCUMENT_COLLECTION, collection);
    let operation = match change.operation.and_then(Raw::text).as_deref() {
        Some("insert") => "insert",
        Some("update" | "replace") => "edit",
        Some("delete") => "delete",
        _ => return record,
    };
    record
        .details
        .push(KeyValue::new(a::FAAS_DOCUMENT_OPERATION, operation));
    record
}
