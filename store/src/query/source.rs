//! A store that can be asked.

use duckdb::{AccessMode, Config, Connection};
use serde_json::Value;

use super::served::Served;
use super::{QueryError, Rows, execute};
use crate::url::StoreUrl;

/// A store opened for reading: its file, or the `baton serve` that holds the file.
#[derive(Debug)]
pub struct Source(Way);

#[derive(Debug)]
enum Way {
    File(Connection),
    Served(Served),
}

impl Source {
    /// Opens a store. A `baton serve` that left `PATH.serve.json` and answers is asked; otherwise the file is opened, read-only.
    ///
    /// # Errors
    /// A file that is missing, no database, or held by a process that cannot be asked.
    pub async fn open(url: &StoreUrl) -> Result<Self, QueryError> {
        if let Some(served) = Served::find(&url.serve_file()).await {
            return Ok(Self(Way::Served(served)));
        }
        let fail = |error: duckdb::Error| QueryError::from_open(url.path().to_owned(), &error);
        let config = Config::default()
            .access_mode(AccessMode::ReadOnly)
            .map_err(fail)?;
        Connection::open_with_flags(url.path(), config)
            .map(|connection| Self(Way::File(connection)))
            .map_err(fail)
    }

    /// Runs SQL with bound values; see [`execute`].
    ///
    /// # Errors
    /// What DuckDB said, or that `serve` went away.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Rows, QueryError> {
        match &self.0 {
            Way::File(connection) => execute(connection, sql, params),
            Way::Served(served) => served.query(sql, params).await,
        }
    }
}
