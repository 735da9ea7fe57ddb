//! What can go wrong between a question and its answer.

use std::path::PathBuf;

use crate::schema::OpenError;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// DuckDB refused the statement. The text is its own: it names the place in the statement and what would fit.
    #[error("{message}")]
    Sql {
        /// In DuckDB's words.
        message: String,
    },
    /// More rows than a running `serve` answers with.
    #[error("the answer has more than {limit} rows: add LIMIT, or count and group in SQL")]
    TooManyRows {
        /// The bound.
        limit: usize,
    },
    /// Fewer rows, but more in them than a running `serve` answers with.
    #[error(
        "the answer takes more than {limit_mib} MiB: select fewer columns, add LIMIT, or count and group in SQL"
    )]
    TooLarge {
        /// The bound.
        limit_mib: usize,
    },
    /// A bound value that SQL has no type for.
    #[error("parameter {position} is {kind}: expected null, a boolean, a number or a string")]
    Parameter {
        /// From 1.
        position: usize,
        /// What it is instead.
        kind: &'static str,
    },
    /// The file is not there.
    #[error(
        "store `{path}` does not exist: expected a file that `baton serve` or the ingest function wrote"
    )]
    Missing {
        /// As it was given.
        path: PathBuf,
    },
    /// The file is something else.
    #[error(
        "store `{path}` is no DuckDB database: expected a file that `baton serve` or the ingest function wrote"
    )]
    NoDatabase {
        /// As it was given.
        path: PathBuf,
    },
    /// Another process has the file.
    #[error("store `{path}` is held by another process{}", held_by(holder))]
    Locked {
        /// As it was given.
        path: PathBuf,
        /// Program and process id, where DuckDB could tell.
        holder: Option<String>,
    },
    /// The file could not be opened for another reason.
    #[error("cannot open store `{path}`: {message}")]
    Open {
        /// As it was given.
        path: PathBuf,
        /// In DuckDB's words.
        message: String,
    },
    /// What an earlier process left beside the file could not be taken in.
    #[error(transparent)]
    Settle(OpenError),
    /// A `baton serve` that answered before does not any more.
    #[error("`baton serve` at `{address}` does not answer")]
    Served {
        /// From `PATH.serve.json`.
        address: String,
        /// What happened.
        #[source]
        source: reqwest::Error,
    },
    /// A `baton serve` that answered with something else than rows.
    #[error("`baton serve` at `{address}` answered with status {status}: {message}")]
    Answer {
        /// From `PATH.serve.json`.
        address: String,
        /// Of HTTP.
        status: u16,
        /// What the body said.
        message: String,
    },
    /// A result that could not be read.
    #[error("cannot read the result: {0}")]
    Result(String),
}

fn held_by(holder: &Option<String>) -> String {
    holder
        .as_ref()
        .map(|holder| format!(": {holder}"))
        .unwrap_or_default()
}

impl QueryError {
    /// What to try next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some(
                "check the path, or start `baton serve --store duckdb:PATH` to make a new store"
                    .into(),
            ),
            Self::NoDatabase { .. } => {
                Some("check the path: a store's file is usually called `something.duckdb`".into())
            }
            Self::Locked { path, .. } => Some(format!(
                "one process writes a store. If that is `baton serve`, its `{}.serve.json` is missing or its port does not answer; else close the other program",
                path.display()
            )),
            Self::Served { .. } => {
                Some("it may have stopped just now: run the command again".into())
            }
            Self::Sql { message } => sql_hint(message),
            _ => None,
        }
    }

    /// The process that has the file, where DuckDB could tell. It sees a 0 where that process lives in another container.
    pub(super) fn holder_pid(&self) -> Option<u32> {
        let Self::Locked { holder, .. } = self else {
            return None;
        };
        let (_, rest) = holder.as_ref()?.split_once("(PID ")?;
        rest.split(')').next()?.parse().ok().filter(|pid| *pid != 0)
    }

    /// Reads what DuckDB said when it opened `path`.
    pub(super) fn from_open(path: PathBuf, error: &duckdb::Error) -> Self {
        let message = text(error);
        if message.contains("database does not exist") {
            Self::Missing { path }
        } else if message.contains("not a valid DuckDB database") {
            Self::NoDatabase { path }
        } else if message.contains("Could not set lock") {
            let holder = message
                .split_once("lock is held in ")
                .and_then(|(_, rest)| {
                    rest.split_once(". See")
                        .map(|(holder, _)| holder.to_owned())
                });
            Self::Locked { path, holder }
        } else {
            Self::Open { path, message }
        }
    }
}

/// DuckDB's own text, without the name of the error type of its client.
pub(super) fn text(error: &duckdb::Error) -> String {
    match error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

fn sql_hint(message: &str) -> Option<String> {
    if message.contains("Table with name spans does not exist") {
        Some("this file is a database, but no store: expected one that `baton serve` or the ingest function wrote".into())
    } else if message.contains("Referenced table \"") {
        Some("a name with a dot stands in double quotes, for example `\"http.route\"`; any other attribute is `attributes['its.name']`".into())
    } else if message.contains("not found in FROM clause") {
        Some(
            "`DESCRIBE spans` lists the columns; any other attribute is `attributes['its.name']`"
                .into(),
        )
    } else if message.starts_with("Catalog Error: Table with name")
        || message.starts_with("Catalog Error: Table Function")
    {
        Some("`spans`, `traces`, `workflows`, `hops`, `queues`, `dead_letters` and more exist; docs/sql.md explains them".into())
    } else if message.contains("read-only mode") {
        Some(
            "`baton sql` only reads; spans come in through `baton serve` or the ingest function"
                .into(),
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(duckdb: &str, expected: &Expect) {
        let code = duckdb::ffi::Error {
            code: duckdb::ffi::ErrorCode::Unknown,
            extended_code: 1,
        };
        let error = QueryError::from_open(
            "x.duckdb".into(),
            &duckdb::Error::DuckDBFailure(code, Some(duckdb.into())),
        );
        expected.assert_eq(&error.to_string());
    }

    #[test]
    fn opening() {
        check(
            "IO Error: Could not set lock on file \"x.duckdb\": Conflicting lock is held in /usr/bin/python3 (PID 7). See also https://duckdb.org/docs",
            &expect!["store `x.duckdb` is held by another process: /usr/bin/python3 (PID 7)"],
        );
        check(
            "IO Error: Could not set lock on file \"x.duckdb\"",
            &expect!["store `x.duckdb` is held by another process"],
        );
        check(
            "IO Error: Cannot open database \"x.duckdb\" in read-only mode: database does not exist",
            &expect![
                "store `x.duckdb` does not exist: expected a file that `baton serve` or the ingest function wrote"
            ],
        );
        check(
            "IO Error: Could not read from file \"x\": Is a directory",
            &expect![[
                r#"cannot open store `x.duckdb`: IO Error: Could not read from file "x": Is a directory"#
            ]],
        );
    }
}
