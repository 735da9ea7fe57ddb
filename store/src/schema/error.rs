//! Why a store could not be opened, and what to do about it.

use std::path::{Path, PathBuf};

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process writes this store.
    #[error(
        "store `{}` is in use by {}: expected to be the only one that writes it; {}",
        path.display(), holder(*pid), remedy(*served)
    )]
    Locked {
        /// The file.
        path: PathBuf,
        /// The process, where DuckDB could tell.
        pid: Option<u32>,
        /// Is there a file that tells how to ask a running `serve`?
        served: bool,
    },
    /// This process has opened it already.
    #[error("store `{}` is open in this process already: expected to open it once", path.display())]
    OpenHere {
        /// The file.
        path: PathBuf,
    },
    /// The path leads to a folder.
    #[error("store `{}` is a folder: expected the path of a file, for example `duckdb:{}`", path.display(), path.join("spans.duckdb").display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder of the file is not there.
    #[error("store `{}` has no folder to lie in: expected `{}` to exist; create it first", path.display(), folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder that is missing.
        folder: PathBuf,
    },
    /// The file is something else.
    #[error("store `{}` is no DuckDB database: expected one, or a path where nothing is yet; give another path or move the file away", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A database of somebody else.
    #[error("store `{}` is a database that Baton did not make: expected a store, or a path where nothing is yet; give another path", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later DuckDB wrote the file.
    #[error("store `{}` was written by a newer DuckDB than the {duckdb} of this program: use a newer `baton`", path.display())]
    NewerDuckDb {
        /// The file.
        path: PathBuf,
        /// The version this program has.
        duckdb: String,
    },
    /// A later Baton made the tables.
    #[error("store `{}` has schema version {found}, and this program knows up to {known}: use a newer `baton`", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// What the store says.
        found: i64,
        /// What this program can bring a store to.
        known: i64,
    },
    /// The operating system says no.
    #[error("store `{}` cannot be opened: {reason}; check that this user may read and write it", path.display())]
    NoAccess {
        /// The file.
        path: PathBuf,
        /// As DuckDB tells it.
        reason: String,
    },
    /// A statement of a migration or of a view failed.
    #[error("store `{}` could not be brought to schema version {version}", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// The version it was to have.
        version: i64,
        /// What DuckDB says.
        source: duckdb::Error,
    },
    /// A view or macro could not be created.
    #[error("store `{}` refused `{name}`", path.display())]
    Surface {
        /// The file.
        path: PathBuf,
        /// The name of its `.sql` file.
        name: &'static str,
        /// What DuckDB says.
        source: duckdb::Error,
    },
    /// What lies beside the file could not be read.
    #[error("what an earlier process left in `{}` could not be read: {source}; it holds spans that were acknowledged: check the disk and that this user may read and write it", folder.display())]
    Recovery {
        /// The folder.
        folder: PathBuf,
        /// What went wrong.
        source: parquet::errors::ParquetError,
    },
    /// Anything else that DuckDB has to say.
    #[error("store `{}` could not be opened", path.display())]
    DuckDb {
        /// The file.
        path: PathBuf,
        /// What DuckDB says.
        source: duckdb::Error,
    },
}

impl OpenError {
    /// DuckDB tells its reasons as text alone.
    pub(crate) fn of_duckdb(path: &Path, source: duckdb::Error) -> Self {
        let text = source.to_string();
        let path = path.to_owned();
        let says = |part: &str| text.contains(part);
        if says("Could not set lock on file") {
            let served = crate::url::StoreUrl::duckdb(&path).serve_file().exists();
            return Self::Locked {
                pid: pid_in(&text),
                served,
                path,
            };
        }
        if says("not a valid DuckDB database file") {
            return Self::NotADatabase { path };
        }
        if says("we can only read versions") || says("storage version") {
            let duckdb = duckdb::Connection::open_in_memory()
                .and_then(|conn| conn.version())
                .unwrap_or_default();
            return Self::NewerDuckDb { path, duckdb };
        }
        if let Some(reason) = [
            "Permission denied",
            "Read-only file system",
            "No space left",
        ]
        .into_iter()
        .find(|part| says(part))
        {
            return Self::NoAccess {
                path,
                reason: reason.to_lowercase(),
            };
        }
        Self::DuckDb { path, source }
    }
}

/// `… Conflicting lock is held in /usr/bin/baton (PID 4711). See also …`
fn pid_in(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("(PID ")?;
    rest.split_once(')')?.0.parse().ok()
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".into(), |pid| format!("process {pid}"))
}

fn remedy(served: bool) -> &'static str {
    if served {
        "a `baton serve` holds it: send spans to its OTLP address, ask it with `baton sql`, or stop it"
    } else {
        "stop that process, or wait until it is done"
    }
}
