//! What the tests have in common: requests, processes, and stores to look into.

pub(crate) mod process;
pub(crate) mod requests;
pub(crate) mod runtime_api;

use std::path::Path;

use duckdb::Connection;

/// One number from a store that no process holds.
#[track_caller]
pub(crate) fn number(store: &Path, sql: &str) -> i64 {
    let config = duckdb::Config::default()
        .access_mode(duckdb::AccessMode::ReadOnly)
        .unwrap();
    let connection = Connection::open_with_flags(store, config).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Takes in what a killed process left beside the file, as every command of Baton does first.
pub(crate) async fn settle(store: &Path) {
    let url = baton_store::url::StoreUrl::duckdb(store);
    baton_store::query::Source::open(&url).await.unwrap();
}

/// Spans, and different span ids: the same unless something was lost or doubled.
#[track_caller]
pub(crate) fn spans_and_ids(store: &Path) -> (i64, i64) {
    let count = number(store, "SELECT count(*) FROM baton_data.spans");
    (
        count,
        number(
            store,
            "SELECT count(DISTINCT span_id) FROM baton_data.spans",
        ),
    )
}
