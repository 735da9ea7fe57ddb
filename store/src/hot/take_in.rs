//! From segments to the table.

use std::sync::Arc;

use duckdb::{Connection, params};

use super::keys::{Key, REMEMBERED_S};
use super::live::{Live, list};
use super::segment::Segment;

/// Copies the segments into the table, all or none of them. They are the oldest of the list.
pub(crate) fn take_in(
    connection: &Connection,
    live: &Live,
    segments: &[Arc<Segment>],
) -> duckdb::Result<()> {
    let Some(last) = segments.iter().map(|segment| segment.number).max() else {
        return Ok(());
    };
    // It rolls back when it is dropped.
    let transaction = connection.unchecked_transaction()?;
    let files = list(segments);
    transaction.execute_batch(&format!(
        "INSERT INTO baton_data.span_rows BY NAME FROM read_parquet({files})"
    ))?;
    {
        let mut requests = transaction.appender_to_db("requests", "baton_data")?;
        for receipt in segments.iter().flat_map(|segment| &segment.receipts) {
            let at = duckdb::types::Value::Timestamp(
                duckdb::types::TimeUnit::Second,
                receipt.received_s,
            );
            requests.append_row(params![
                receipt.key.as_bytes().as_slice(),
                at,
                receipt.spans
            ])?;
        }
        requests.flush()?;
    }
    transaction.execute("UPDATE baton_data.intake SET taken_in = ?", [last])?;
    live.remove(segments, || transaction.commit())
}

/// Segments up to this number are in the table.
pub(crate) fn taken_in(connection: &Connection) -> duckdb::Result<u64> {
    connection.query_row("SELECT taken_in FROM baton_data.intake", [], |row| {
        row.get(0)
    })
}

pub(crate) fn forget_old_keys(connection: &Connection, now_s: i64) -> duckdb::Result<usize> {
    connection.execute(
        "DELETE FROM baton_data.requests WHERE received_at < to_timestamp(?)",
        [now_s - REMEMBERED_S],
    )
}

/// What the table remembers.
pub(crate) fn recent_keys(connection: &Connection, now_s: i64) -> duckdb::Result<Vec<(Key, i64)>> {
    let sql = "SELECT key, epoch(received_at)::BIGINT FROM baton_data.requests WHERE received_at >= to_timestamp(?)";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([now_s - REMEMBERED_S], |row| {
        let key: Vec<u8> = row.get(0)?;
        Ok((<[u8; 32]>::try_from(key), row.get(1)?))
    })?;
    // All of them have 32 bytes.
    rows.filter_map(|row| match row {
        Ok((key, received_s)) => key.ok().map(|key| Ok((Key::from_bytes(key), received_s))),
        Err(error) => Some(Err(error)),
    })
    .collect()
}
