//! The Telemetry API's records, of which this version needs one: `platform.runtimeDone`, the end of an invocation.

use std::borrow::Cow;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

// Twice the largest `maxBytes`, and room for what Lambda adds.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

// Lambda's ids are UUIDs. Some are remembered, so they are bounded.
const MAX_ID_BYTES: usize = 128;

/// The end of an invocation, as `platform.runtimeDone` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvocationEnd {
    /// The invocation.
    pub request_id: String,
    /// Whether the runtime is well. If not, the environment is about to be reset.
    pub is_success: bool,
}

/// Serves the Telemetry API's deliveries; the ends of invocations go to `done`.
pub(crate) async fn serve(listener: TcpListener, done: mpsc::Sender<InvocationEnd>) {
    let router = Router::new()
        .fallback(post(take))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(done);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!("the Telemetry API listener stopped: {error}");
    }
}

// Whatever comes is answered 200: Lambda would drop a refused batch and send the next one no better.
async fn take(State(done): State<mpsc::Sender<InvocationEnd>>, body: Bytes) -> StatusCode {
    for end in parse_records(&body) {
        // A full channel means that nobody waits: the invocation's own deadline is the fallback.
        if done.try_send(end).is_err() {
            tracing::debug!("an end of an invocation was not taken notice of");
        }
    }
    StatusCode::OK
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    record: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuntimeDone<'a> {
    request_id: String,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
}

/// The `platform.runtimeDone` records in one delivery. A record of unknown type or shape is passed over, and never spoils
/// the others.
///
/// ```
/// use baton_lambda_layer::parse_records;
/// let batch = br#"[{"type":"platform.new","record":7},{"type":"platform.runtimeDone","record":{"requestId":"a"}}]"#;
/// let ends = parse_records(batch);
/// assert_eq!(ends.len(), 1);
/// assert_eq!(ends[0].request_id, "a");
/// assert!(ends[0].is_success, "no status is no bad news");
/// ```
#[must_use]
pub fn parse_records(batch: &[u8]) -> Vec<InvocationEnd> {
    let records: Vec<&RawValue> = match serde_json::from_slice(batch) {
        Ok(records) => records,
        Err(error) => {
            tracing::debug!("a telemetry delivery is no JSON array: {error}");
            return Vec::new();
        }
    };
    records.into_iter().filter_map(runtime_done).collect()
}

fn runtime_done(record: &RawValue) -> Option<InvocationEnd> {
    let record: Record<'_> = serde_json::from_str(record.get()).ok()?;
    if record.kind != "platform.runtimeDone" {
        return None;
    }
    let done: RuntimeDone<'_> = serde_json::from_str(record.record?.get()).ok()?;
    (done.request_id.len() <= MAX_ID_BYTES).then(|| InvocationEnd {
        is_success: done.status.is_none_or(|status| status == "success"),
        request_id: done.request_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_deliveries() {
        let done = r#"{"time":"2022-10-21T14:05:05.764Z","type":"platform.runtimeDone","record":{"requestId":"r1","status":"success","metrics":{"durationMs":2599.0}}}"#;
        for (batch, expected) in [
            (String::new(), vec![]),
            ("{}".to_owned(), vec![]),
            ("[".to_owned(), vec![]),
            (format!("[{done}]"), vec!["r1"]),
            (format!("[{done}"), vec![]),
            (format!(r#"[1, null, "x", [], {{}}, {done}]"#), vec!["r1"]),
            (
                format!(r#"[{{"type":"function","record":"platform.runtimeDone"}},{done},{done}]"#),
                vec!["r1", "r1"],
            ),
            (r#"[{"type":"platform.runtimeDone"}]"#.to_owned(), vec![]),
            (
                r#"[{"type":"platform.runtimeDone","record":"text"}]"#.to_owned(),
                vec![],
            ),
            (
                format!(
                    r#"[{{"type":"platform.runtimeDone","record":{{"requestId":"{}"}}}}]"#,
                    "x".repeat(MAX_ID_BYTES + 1)
                ),
                vec![],
            ),
            (
                r#"[{"type":"platform.runtime\u0044one","record":{"requestId":"\u0072"}}]"#
                    .to_owned(),
                vec!["r"],
            ),
        ] {
            let ends = parse_records(batch.as_bytes());
            let ids: Vec<_> = ends.into_iter().map(|end| end.request_id).collect();
            assert_eq!(ids, expected, "{batch}");
        }
    }

    #[test]
    fn statuses() {
        for (status, is_success) in [
            (r#","status":"success""#, true),
            (r#","status":"error""#, false),
            (r#","status":"failure""#, false),
            (r#","status":"timeout""#, false),
            ("", true),
            (r#","status":null"#, true),
        ] {
            let batch = format!(
                r#"[{{"type":"platform.runtimeDone","record":{{"requestId":"r"{status}}}}}]"#
            );
            let ends = parse_records(batch.as_bytes());
            assert_eq!(
                ends.first().map(|end| end.is_success),
                Some(is_success),
                "{batch}"
            );
        }
    }
}
