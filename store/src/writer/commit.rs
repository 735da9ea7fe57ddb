//! One group, one transaction.

use duckdb::{Connection, params};

use super::handle::Outcome;
use super::thread::Job;

/// How long a key is remembered.
const REMEMBERED: time::Duration = time::Duration::HOUR;

const REMEMBER: &str =
    "INSERT INTO baton_data.requests VALUES (?, now(), ?) ON CONFLICT DO NOTHING";

/// Stores the requests that are new, all or none of them.
pub(super) fn commit(connection: &Connection, group: &[Job]) -> duckdb::Result<Vec<Outcome>> {
    // It rolls back when it is dropped.
    let transaction = connection.unchecked_transaction()?;
    let mut outcomes = Vec::with_capacity(group.len());
    {
        let mut remember = transaction.prepare(REMEMBER)?;
        let mut appender = transaction.appender_to_db("spans", "baton_data")?;
        for job in group {
            let spans = i64::try_from(job.spans.len()).unwrap_or(i64::MAX);
            // Also finds a key that an earlier request of this group has brought.
            if remember.execute(params![job.key.as_bytes(), spans])? == 0 {
                outcomes.push(Outcome::Duplicate);
                continue;
            }
            for batch in &job.spans.batches {
                appender.append_record_batch(batch.clone())?;
            }
            outcomes.push(Outcome::Stored);
        }
        appender.flush()?;
    }
    transaction.commit()?;
    Ok(outcomes)
}

pub(super) fn forget_old_keys(
    connection: &Connection,
    now: time::OffsetDateTime,
) -> duckdb::Result<usize> {
    let oldest_s = (now - REMEMBERED).unix_timestamp();
    connection.execute(
        "DELETE FROM baton_data.requests WHERE received_at < to_timestamp(?)",
        [oldest_s],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::{SpanBatch, decode};
    use crate::schema::{Settings, Store};
    use crate::url::StoreUrl;
    use crate::writer::{Budget, Key};
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
    use prost::Message;
    use tokio::sync::oneshot;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(
            &StoreUrl::duckdb(folder.path().join("s.duckdb")),
            &Settings::default(),
        )
        .unwrap();
        (folder, store)
    }

    fn job(body: &str, spans: u8) -> Job {
        let span = |i| Span {
            trace_id: vec![1; 16],
            span_id: vec![i; 8],
            ..Span::default()
        };
        let scope_spans = vec![ScopeSpans {
            spans: (1..=spans).map(span).collect(),
            ..ScopeSpans::default()
        }];
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                scope_spans,
                ..ResourceSpans::default()
            }],
        };
        let spans = decode(&request.encode_to_vec()).unwrap().spans;
        Job {
            key: Key::of(body.as_bytes()),
            spans,
            answer: oneshot::channel().0,
            _lease: Budget::of_mib(1).lease(),
        }
    }

    fn count(store: &Store, table: &str) -> i64 {
        store
            .connection()
            .query_row(
                &format!("SELECT count(*) FROM baton_data.{table}"),
                [],
                |row| row.get(0),
            )
            .unwrap()
    }

    #[test]
    fn the_same_key_twice_in_one_group_and_again_later() {
        let (_folder, store) = store();
        let outcomes =
            commit(store.connection(), &[job("a", 3), job("b", 2), job("a", 3)]).unwrap();
        assert_eq!(
            outcomes,
            [Outcome::Stored, Outcome::Stored, Outcome::Duplicate]
        );
        assert_eq!(
            commit(store.connection(), &[job("b", 2)]).unwrap(),
            [Outcome::Duplicate]
        );
        assert_eq!((count(&store, "spans"), count(&store, "requests")), (5, 2));
    }

    #[test]
    fn a_group_that_fails_leaves_nothing() {
        let (_folder, store) = store();
        let bad = Job {
            spans: SpanBatch::of_wrong_columns(),
            ..job("bad", 1)
        };
        commit(store.connection(), &[job("a", 3), bad]).unwrap_err();
        assert_eq!((count(&store, "spans"), count(&store, "requests")), (0, 0));
        assert_eq!(
            commit(store.connection(), &[job("a", 3)]).unwrap(),
            [Outcome::Stored]
        );
        assert_eq!(count(&store, "spans"), 3);
    }

    #[test]
    fn keys_are_forgotten_after_an_hour() {
        let (_folder, store) = store();
        commit(store.connection(), &[job("a", 1)]).unwrap();
        let now = time::OffsetDateTime::now_utc();
        assert_eq!(
            forget_old_keys(store.connection(), now + time::Duration::minutes(59)).unwrap(),
            0
        );
        assert_eq!(
            forget_old_keys(store.connection(), now + time::Duration::minutes(61)).unwrap(),
            1
        );
        assert_eq!(
            commit(store.connection(), &[job("a", 1)]).unwrap(),
            [Outcome::Stored]
        );
    }
}
