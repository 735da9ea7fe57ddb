//! Opening the file.

use std::fmt;
use std::path::Path;

use duckdb::{AccessMode, Config, Connection};

use super::error::OpenError;
use super::held::Held;
use super::migrations::migrate;
use crate::hot::{Folder, Live, recover, take_in, taken_in};
use crate::url::StoreUrl;

/// What DuckDB may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Memory for data, beyond which it writes to `PATH.tmp`.
    pub memory_mib: u32,
    /// Disk for `PATH.tmp`.
    pub spill_mib: u32,
    /// Threads for queries.
    pub threads: u32,
    /// The log that grows beyond this is taken into the file at the next commit.
    pub wal_mib: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            memory_mib: 256,
            spill_mib: 4096,
            threads: u32::try_from(threads.min(8)).unwrap_or(2),
            wal_mib: 32,
        }
    }
}

/// An open store: this process is the one that writes it.
///
/// ```
/// use baton_store::schema::{Settings, Store};
/// use baton_store::url::StoreUrl;
///
/// let folder = tempfile::tempdir()?;
/// let store = Store::open(&StoreUrl::duckdb(folder.path().join("spans.duckdb")), &Settings::default())?;
/// let spans: i64 = store.connection().query_row("SELECT count(*) FROM baton_data.spans", [], |row| row.get(0))?;
/// assert_eq!(spans, 0);
///
/// let error = Store::open(&StoreUrl::duckdb(folder.path()), &Settings::default()).unwrap_err();
/// assert!(error.to_string().contains("is a folder"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Store {
    connection: Connection,
    url: StoreUrl,
    folder: Folder,
    live: Live,
    next_number: u64,
    // After the connection: fields are dropped in order.
    _held: Held,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates the file, recovers what a killed process left in logs and segments beside it, and brings tables and views up to
    /// date.
    ///
    /// No connection to it can read or write files beyond `PATH.hot`, load extensions or change settings.
    ///
    /// # Errors
    /// Each variant of [`OpenError`] is a sentence for the user.
    pub fn open(url: &StoreUrl, settings: &Settings) -> Result<Self, OpenError> {
        let path = url.path();
        check_path(path)?;
        let held = Held::take(path).ok_or_else(|| OpenError::OpenHere {
            path: path.to_owned(),
        })?;
        let failed = |source| OpenError::of_duckdb(path, source);
        let config = config(path, settings).map_err(failed)?;
        let connection = Connection::open_with_flags(path, config).map_err(failed)?;
        migrate(&connection, path)?;
        let folder = Folder::beside(path);
        restrict(&connection, &folder).map_err(failed)?;
        let taken_in = taken_in(&connection).map_err(failed)?;
        let (live, next_number) =
            recover(&folder, taken_in).map_err(|source| OpenError::Recovery {
                folder: folder.path().to_owned(),
                source,
            })?;
        Ok(Self {
            connection,
            url: url.clone(),
            folder,
            live,
            next_number,
            _held: held,
        })
    }

    /// Takes in what an earlier process left beside the file, so that whoever opens the file alone sees every span.
    ///
    /// # Errors
    /// As [`Store::open`]. A store that another process has open is left to that process, and is no error.
    pub(crate) fn settle(url: &StoreUrl) -> Result<(), OpenError> {
        if !Folder::beside(url.path()).is_used() {
            return Ok(());
        }
        let store = match Self::open(url, &Settings::default()) {
            Err(OpenError::Locked { .. } | OpenError::OpenHere { .. }) => return Ok(()),
            opened => opened?,
        };
        for segment in store.live.all() {
            take_in(&store.connection, &store.live, &[segment])
                .map_err(|source| OpenError::of_duckdb(url.path(), source))?;
        }
        store.folder.remove();
        Ok(())
    }

    /// The connection that writes.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Where it lies.
    #[must_use]
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// What lies beside the file.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What is not in the file yet.
    pub(crate) fn live(&self) -> &Live {
        &self.live
    }

    /// Of the next log.
    pub(crate) fn next_number(&self) -> u64 {
        self.next_number
    }
}

/// What DuckDB itself would tell less clearly. Nothing here opens the file: closing it again would drop DuckDB's lock.
fn check_path(path: &Path) -> Result<(), OpenError> {
    if path.is_dir() {
        return Err(OpenError::Folder {
            path: path.to_owned(),
        });
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(OpenError::NoFolder {
            path: path.to_owned(),
            folder: folder.to_owned(),
        });
    }
    Ok(())
}

/// From here on nothing but the store itself can be reached, and no setting be changed.
fn restrict(connection: &Connection, folder: &Folder) -> duckdb::Result<()> {
    // Without ICU (a build from source may lack it) there are no zones, and all is UTC anyway.
    let _ = connection.execute_batch("SET GLOBAL TimeZone = 'UTC'");
    let folder = folder.path().to_string_lossy().replace('\'', "''");
    connection.execute_batch(&format!(
        "SET allowed_directories = ['{folder}/']; SET enable_external_access = false; SET lock_configuration = true"
    ))
}

fn config(path: &Path, settings: &Settings) -> duckdb::Result<Config> {
    let mut spill = path.as_os_str().to_owned();
    spill.push(".tmp");
    Config::default()
        .access_mode(AccessMode::ReadWrite)?
        // Before the access to other files is taken away.
        .with("temp_directory", spill.to_string_lossy())?
        .enable_autoload_extension(false)?
        .max_memory(&format!("{}MiB", settings.memory_mib))?
        .threads(i64::from(settings.threads.max(1)))?
        .with(
            "max_temp_directory_size",
            format!("{}MiB", settings.spill_mib),
        )?
        .with("checkpoint_threshold", format!("{}MiB", settings.wal_mib))
}
