//! The segments that readers see beside the table.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckdb::Connection;

use super::segment::Segment;

/// The segments that are durable and not in the table yet, oldest first. Clones share the list.
///
/// The view `baton_data.spans` reads the table, or what the variable `baton_spans` of its connection says: see `sql/schema/spans.sql`.
/// A DuckDB without Baton has no such variable, and a store that was shut down has no segments.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live(Arc<Mutex<Vec<Arc<Segment>>>>);

/// A read-only transaction that sees the table and the segments of one moment. The files stay until it is dropped.
#[derive(Debug)]
pub struct Snapshot {
    _segments: Vec<Arc<Segment>>,
}

impl Live {
    pub(super) fn of(segments: Vec<Segment>) -> Self {
        Self(Arc::new(Mutex::new(
            segments.into_iter().map(Arc::new).collect(),
        )))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Segment>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, segment: Segment) {
        self.lock().push(Arc::new(segment));
    }

    pub(crate) fn all(&self) -> Vec<Arc<Segment>> {
        self.lock().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Begins a read-only transaction on a connection; its owner ends it.
    pub(crate) fn begin_read(&self, connection: &Connection) -> duckdb::Result<Snapshot> {
        // Nothing moves from the segments to the table before the transaction has its view of the table.
        let segments = self.lock();
        connection.execute_batch(&format!(
            "SET VARIABLE baton_spans = {}; BEGIN TRANSACTION READ ONLY; SELECT 1 FROM baton_data.span_rows LIMIT 0",
            query(&segments)
        ))?;
        Ok(Snapshot {
            _segments: segments.clone(),
        })
    }

    /// Runs `commit`, which moves segments to the table, and takes them from the list, as one step for readers.
    pub(super) fn remove<E>(
        &self,
        moved: &[Arc<Segment>],
        commit: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut segments = self.lock();
        commit()?;
        segments.retain(|segment| moved.iter().all(|moved| moved.number != segment.number));
        moved.iter().for_each(|segment| segment.is_in_the_table());
        Ok(())
    }
}

/// What the view is to read, as an SQL value.
fn query(segments: &[Arc<Segment>]) -> String {
    if segments.is_empty() {
        return "NULL::VARCHAR".into();
    }
    let files = list(segments);
    let query = format!("FROM baton_data.span_rows UNION ALL BY NAME FROM read_parquet({files})");
    quoted(&query)
}

/// The files, as an SQL list.
pub(super) fn list(segments: &[Arc<Segment>]) -> String {
    let mut list = String::from("[");
    for segment in segments {
        // Writing to a string does not fail.
        let _ = write!(list, "{}, ", quoted(&literal(&segment.path)));
    }
    list.push(']');
    list
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A path that DuckDB does not take for a pattern.
fn literal(path: &Path) -> String {
    let mut literal = String::new();
    for char in path.to_string_lossy().chars() {
        match char {
            '*' | '?' | '[' => literal.extend(['[', char, ']']),
            char => literal.push(char),
        }
    }
    literal
}
