//! Attributes of a database call (<https://opentelemetry.io/docs/specs/semconv/database/database-spans/>).

pub(super) const DB_COLLECTION_NAME: &str = "db.collection.name";
pub(super) const DB_NAMESPACE: &str = "db.namespace";
pub(super) const DB_OPERATION_NAME: &str = "db.operation.name";
pub(super) const DB_QUERY_SUMMARY: &str = "db.query.summary";
pub(super) const DB_QUERY_TEXT: &str = "db.query.text";
pub(super) const DB_RESPONSE_RETURNED_ROWS: &str = "db.response.returned_rows";
pub(super) const DB_RESPONSE_STATUS_CODE: &str = "db.response.status_code";
pub(super) const DB_SYSTEM_NAME: &str = "db.system.name";
/// The conventions have no name for it.
pub(super) const BATON_AFFECTED_ROWS: &str = "baton.affected_rows";
