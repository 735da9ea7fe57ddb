//! One `SELECT`, on a connection that shares the database with the writer and can do nothing but read it.
//!
//! Four walls, each of which would do for most of what one could try:
//! 1. DuckDB's own parser says whether the text is exactly one `SELECT`, `VALUES`, `FROM`, `DESCRIBE`, `SHOW` or `SUMMARIZE`.
//! 2. Functions that reach beyond the data are refused by name (see [`FORBIDDEN`]).
//! 3. The statement runs in a read-only transaction, which is rolled back.
//! 4. The database was opened without access to files, extensions and settings (see [`crate::schema::Store`]).

use duckdb::Connection;
use serde_json::Value;

use crate::hot::Live;
use crate::query::{Bounds, QueryError, Rows, execute_within, refuse_blank};
use crate::writer::WriteError;

/// More than this is refused: it would lie in memory twice, as values and as JSON.
pub(super) const MAX_ROWS: usize = 50_000;
const MAX_ANSWER_BYTES: usize = 128 * 1024 * 1024;

/// Functions that write, stop other transactions or hide a statement in a text.
const FORBIDDEN: [&str; 13] = [
    "add_parquet_key",
    "checkpoint",
    "disable_logging",
    "disable_profiling",
    "enable_logging",
    "enable_profiling",
    "force_checkpoint",
    "getenv",
    "json_execute_serialized_sql",
    "query",
    "set_config",
    "truncate_duckdb_logs",
    "write_log",
];

/// Why a question gets no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Parse(String),
    #[error(
        "this is no single SELECT: expected one statement that only reads; other statements need the file itself, while no `serve` holds it"
    )]
    NotOneSelect,
    #[error("function `{0}` is not for queries: expected functions that only read spans")]
    Forbidden(&'static str),
    #[error("the query took longer than {0} s: narrow it, for example with a WHERE on start_time")]
    TooSlow(u64),
    #[error("{0}")]
    Query(#[from] QueryError),
    #[error("{0}")]
    DuckDb(#[from] duckdb::Error),
    #[error("the newest spans cannot be read yet: {0}")]
    Seal(#[from] WriteError),
    #[error("the answer cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Asks. The connection is used for this question alone.
pub(super) fn ask(
    connection: &Connection,
    live: &Live,
    sql: &str,
    params: &[Value],
) -> Result<Rows, Refusal> {
    refuse_blank(sql)?;
    check(connection, sql)?;
    let _snapshot = live.begin_read(connection)?;
    let bounds = Bounds {
        rows: MAX_ROWS,
        size_bytes: MAX_ANSWER_BYTES,
    };
    let rows = execute_within(connection, sql, params, bounds);
    connection.execute_batch("ROLLBACK")?;
    Ok(rows?)
}

fn check(connection: &Connection, sql: &str) -> Result<(), Refusal> {
    // Serializing is defined for SELECT alone, and nothing is run by it.
    let parse = "SELECT tree ->> 'error_type', tree ->> 'error_message', json_array_length(tree, '$.statements'), tree::VARCHAR
                 FROM (SELECT json_serialize_sql(CAST(? AS VARCHAR)) AS tree)";
    type Parsed = (Option<String>, Option<String>, Option<u64>, String);
    let parsed = connection.query_row(parse, [sql], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    let (error_type, error_message, statements, tree): Parsed = parsed?;
    match (error_type.as_deref(), statements) {
        (None, Some(1)) => {}
        (Some("parser"), _) => {
            return Err(Refusal::Parse(format!(
                "Parser Error: {}",
                error_message.unwrap_or_default()
            )));
        }
        _ => return Err(Refusal::NotOneSelect),
    }
    // Quotes within JSON texts are escaped, so this finds keys of the tree alone.
    let tree = tree.to_lowercase();
    let forbidden = FORBIDDEN
        .into_iter()
        .find(|name| tree.contains(&format!("\"function_name\":\"{name}\"")));
    forbidden.map_or(Ok(()), |name| Err(Refusal::Forbidden(name)))
}

#[cfg(test)]
mod tests;
