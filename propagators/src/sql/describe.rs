//! What a span says about a statement: its text without literals, and a summary of low cardinality.

mod keywords;
mod summary;
mod text;

use super::{Dialect, scan::Tokens};
use summary::Summary;
use text::Text;

/// Beyond it a text is not read: a bulk insert of megabytes says no more.
const MAX_READ_BYTES: usize = 65_536;

/// What is known of a statement from its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    /// `db.query.text`
    pub(super) text: String,
    /// `db.query.summary`, the name of the span
    pub(super) summary: String,
    /// Of the only operation in the text.
    pub(super) operation: Option<String>,
    /// The only table of the only operation.
    pub(super) collection: Option<String>,
    /// Whether it may change rows.
    pub(super) writes: bool,
}

/// Reads a statement, or several.
pub(super) fn describe(sql: &str, dialect: Dialect) -> Statement {
    let read = sql
        .get(..sql.floor_char_boundary(MAX_READ_BYTES))
        .unwrap_or_default();
    let mut text = Text::new(read.len());
    let mut summary = Summary::default();
    for token in Tokens::new(read, dialect) {
        text.push(token);
        summary.push(token);
    }
    let mut statement = summary.finish();
    statement.text = text.finish();
    statement
}

#[cfg(test)]
mod tests;
