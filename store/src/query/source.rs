//! A store that can be asked.

use std::path::Path;

use duckdb::{AccessMode, Config, Connection};
use serde_json::Value;

use super::served::Served;
use super::{QueryError, Rows, execute};
use crate::schema::{Store, is_open_here};
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
    /// Opens a store: its file, read-only, or where a `baton serve` holds that, the way that its `PATH.serve.json` tells.
    ///
    /// The file comes first: a `PATH.serve.json` may outlive its process, and another store be served at its address by now.
    ///
    /// # Errors
    /// A file that is missing, no database, or held by a process that cannot be asked.
    pub async fn open(url: &StoreUrl) -> Result<Self, QueryError> {
        Store::settle(url).map_err(QueryError::Settle)?;
        match open_file(url.path()) {
            Ok(connection) => Ok(Self(Way::File(connection))),
            Err(locked @ QueryError::Locked { .. }) => {
                // A `serve` may know the file by its own name, and this one by a link to it.
                let real = url.path().canonicalize().map(StoreUrl::duckdb);
                for url in [Some(url), real.as_ref().ok()].into_iter().flatten() {
                    if let Some(served) = Served::find(&url.serve_file(), locked.holder_pid()).await
                    {
                        return Ok(Self(Way::Served(served)));
                    }
                }
                Err(locked)
            }
            Err(error) => Err(error),
        }
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

fn open_file(path: &Path) -> Result<Connection, QueryError> {
    // DuckDB's lock keeps other processes away, not this one, and is lost when a second opening of the file is closed.
    if is_open_here(path) {
        return Err(QueryError::Locked {
            path: path.to_owned(),
            holder: Some(format!("this one (PID {})", std::process::id())),
        });
    }
    let fail = |error: duckdb::Error| QueryError::from_open(path.to_owned(), &error);
    let config = Config::default()
        .access_mode(AccessMode::ReadOnly)
        .map_err(fail)?;
    let connection = Connection::open_with_flags(path, config).map_err(fail)?;
    // Times are shown in UTC: `date_trunc`, `strftime` and literals follow, wherever the person sits. Without ICU they do anyway.
    let _ = connection.execute_batch("SET TimeZone = 'UTC'");
    Ok(connection)
}
