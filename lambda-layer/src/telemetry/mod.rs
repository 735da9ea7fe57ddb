//! The Telemetry API's deliveries: what Lambda itself says about init, invocations and their ends
//! (<https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>).

mod record;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

pub use record::{Delivery, Kind, Metrics, Record, Status, parse_records};

// Twice the largest `maxBytes`, and room for what Lambda adds.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

use crate::invocations::Invocations;

/// Serves the Telemetry API's deliveries: what was understood goes to `invocations`, then to `records`.
pub(crate) async fn serve(
    listener: TcpListener,
    invocations: Arc<Invocations>,
    records: mpsc::Sender<Record>,
) {
    let router = Router::new()
        .fallback(post(take))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state((invocations, records));
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!("the Telemetry API listener stopped: {error}");
    }
}

// Whatever comes is answered 200: Lambda would drop a refused batch and send the next one no better.
async fn take(
    State((invocations, records)): State<(Arc<Invocations>, mpsc::Sender<Record>)>,
    body: Bytes,
) -> StatusCode {
    let delivery = parse_records(&body);
    let unread = &invocations.unread.records;
    unread.fetch_add(delivery.unread, Ordering::Relaxed);
    if delivery.unread > 0 {
        tracing::debug!(
            records = delivery.unread,
            "telemetry records were not understood"
        );
    }
    for record in delivery.records {
        // Here and not in the loop that waits for it: that may be busy with a flush.
        invocations.record(&record);
        // A full channel means that nobody waits: the invocation's own deadline is the fallback.
        if records.try_send(record).is_err() {
            tracing::debug!("a telemetry record was not taken notice of");
        }
    }
    StatusCode::OK
}
