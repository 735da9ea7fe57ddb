//! Numbered steps from an empty file to today's tables. A step that was released is never changed.

use std::path::Path;

use duckdb::Connection;
use sha2::{Digest, Sha256};

use super::error::OpenError;
use super::views::SURFACE;

/// Version `n` is what the first `n` steps make.
const STEPS: &[&str] = &[
    include_str!("../../sql/schema/0001_base.sql"),
    include_str!("../../sql/schema/0002_segments.sql"),
];

/// What every store has from its first moment.
const FIRST: &str = "CREATE SCHEMA baton_data;
CREATE TABLE baton_data.schema_version (version INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL);";

/// Brings the database to the newest version and its views and macros to today's text.
pub(super) fn migrate(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |version| {
        move |source| OpenError::Migration {
            path: path.to_owned(),
            version,
            source,
        }
    };
    let found = version(conn, path)?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::NewerSchema {
            path: path.to_owned(),
            found,
            known,
        });
    }
    let transaction = conn.unchecked_transaction().map_err(failed(known))?;
    for (version, step) in (1..).zip(STEPS) {
        if version > found {
            if version == 1 {
                conn.execute_batch(FIRST).map_err(failed(1))?;
            }
            conn.execute_batch(step).map_err(failed(version))?;
            let sql = "INSERT INTO baton_data.schema_version VALUES (?, now())";
            conn.execute(sql, [version]).map_err(failed(version))?;
        }
    }
    install(conn, path)?;
    transaction.commit().map_err(failed(known))
}

/// Views and macros, unless they are there: writing them at each start would make the log grow with every start.
fn install(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let refused = |name| {
        move |source| OpenError::Surface {
            path: path.to_owned(),
            name,
            source,
        }
    };
    let wanted = fingerprint();
    let record = "baton_data.surface";
    let is_there = "SELECT count(*) > 0 FROM baton_data.surface WHERE sha256 = ?";
    let is_there = conn.query_row(is_there, [&wanted], |row| row.get(0));
    if is_there.map_err(refused(record))? {
        return Ok(());
    }
    for (name, text) in SURFACE {
        conn.execute_batch(text).map_err(refused(name))?;
    }
    conn.execute("DELETE FROM baton_data.surface", [])
        .and_then(|_| conn.execute("INSERT INTO baton_data.surface VALUES (?)", [wanted]))
        .map_err(refused(record))?;
    Ok(())
}

fn fingerprint() -> String {
    let mut hash = Sha256::new();
    for (_, text) in SURFACE {
        hash.update(text);
        // A text that moves from one file to the next is another surface.
        hash.update([0]);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// 0 for an empty database.
fn version(conn: &Connection, path: &Path) -> Result<i64, OpenError> {
    let failed = |source| OpenError::of_duckdb(path, source);
    let ours = "SELECT count(*) FILTER (schema_name = 'baton_data' AND table_name = 'schema_version'), count(*) FROM duckdb_tables()";
    let (ours, tables): (i64, i64) = conn
        .query_row(ours, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(failed)?;
    if ours == 1 {
        let newest = "SELECT coalesce(max(version), 0) FROM baton_data.schema_version";
        return conn.query_row(newest, [], |row| row.get(0)).map_err(failed);
    }
    if tables > 0 {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use crate::schema::{Settings, Store};
    use crate::url::StoreUrl;

    #[test]
    fn the_surface_is_made_anew_when_it_changes_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::duckdb(folder.path().join("s.duckdb"));
        let open = || Store::open(&url, &Settings::default()).unwrap();
        let run = |sql: &str| open().connection().execute_batch(sql).unwrap();
        let is_ours = || {
            let sql = "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'spans' AND column_name = 'start_time'";
            let count: i64 = open()
                .connection()
                .query_row(sql, [], |row| row.get(0))
                .unwrap();
            count == 1
        };
        run("CREATE OR REPLACE VIEW main.spans AS SELECT 1 AS x");
        assert!(!is_ours(), "nothing was written at the second start");
        run("UPDATE baton_data.surface SET sha256 = 'of an older program'");
        assert!(is_ours());
    }
}
