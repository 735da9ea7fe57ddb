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

/// Serves the Telemetry API's deliveries; the ids of ended requests go to `done`.
pub(crate) async fn serve(listener: TcpListener, done: mpsc::Sender<String>) {
    let router = Router::new()
        .fallback(post(take))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(done);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!("the Telemetry API listener stopped: {error}");
    }
}

// Whatever comes is answered 200: Lambda would drop a refused batch and send the next one no better.
async fn take(State(done): State<mpsc::Sender<String>>, body: Bytes) -> StatusCode {
    for request_id in parse_records(&body) {
        // A full channel means that nobody waits: the invocation's own deadline is the fallback.
        if done.try_send(request_id).is_err() {
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
struct RuntimeDone {
    request_id: String,
}

/// The request ids of `platform.runtimeDone` records in one delivery. A record of unknown type or shape is passed over, and never spoils
/// the others.
///
/// ```
/// use baton_lambda_layer::parse_records;
/// let batch = br#"[{"type":"platform.new","record":7},{"type":"platform.runtimeDone","record":{"requestId":"a"}}]"#;
/// assert_eq!(parse_records(batch), ["a"]);
/// ```
#[must_use]
pub fn parse_records(batch: &[u8]) -> Vec<String> {
    let records: Vec<&RawValue> = match serde_json::from_slice(batch) {
        Ok(records) => records,
        Err(error) => {
            tracing::debug!("a telemetry delivery is no JSON array: {error}");
            return Vec::new();
        }
    };
    records.into_iter().filter_map(runtime_done).collect()
}

fn runtime_done(record: &RawValue) -> Option<String> {
    let record: Record<'_> = serde_json::from_str(record.get()).ok()?;
    if record.kind != "platform.runtimeDone" {
        return None;
    }
    let done: RuntimeDone = serde_json::from_str(record.record?.get()).ok()?;
    Some(done.request_id)
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
                r#"[{"type":"platform.runtime\u0044one","record":{"requestId":"\u0072"}}]"#
                    .to_owned(),
                vec!["r"],
            ),
        ] {
            assert_eq!(parse_records(batch.as_bytes()), expected, "{batch}");
        }
    }
}
