//! A row of the macro `waterfall(id)`.

use serde::Deserialize;

/// A row of `waterfall(id)`, as far as the picture needs it. Names and meaning are those of the macro.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "sql/macros/waterfall.sql is their documentation"
)]
pub struct Line {
    pub depth: usize,
    pub kind_of_row: RowKind,
    pub service_name: String,
    pub name: String,
    pub start_time_ns: i64,
    pub duration_ns: i64,
    pub status_code: String,
    pub error: Option<String>,
    pub queue: Option<String>,
    pub receive_count: Option<i64>,
    pub statement: Option<String>,
    pub peer: Option<String>,
    pub shared: bool,
    pub linked: bool,
}

/// What a row of `waterfall(id)` stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// Something that ran.
    #[default]
    Span,
    /// A message that lay in a queue.
    Wait,
}

impl Line {
    /// When it ended.
    #[must_use]
    pub fn end_time_ns(&self) -> i64 {
        self.start_time_ns.saturating_add(self.duration_ns.max(0))
    }

    /// Whether its status is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.status_code == "ERROR"
    }
}
