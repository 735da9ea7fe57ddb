//! Times that the columns cannot hold, that run backwards, or that are not set.

use baton_store::http::{Intake, Request};
use baton_store::query::execute;
use baton_store::schema::{Settings, Store};
use baton_store::url::StoreUrl;
use baton_store::writer::Writer;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::support::requests::{PROTOBUF, partial_success, request, span};

#[tokio::test]
async fn times_that_do_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(
        &StoreUrl::duckdb(folder.path().join("s.duckdb")),
        &Settings::default(),
    )
    .unwrap();
    let reader = store.connection().try_clone().unwrap();
    let writer = Writer::start(store).unwrap();
    let late = Span {
        start_time_unix_nano: u64::MAX,
        end_time_unix_nano: u64::MAX,
        ..span(1)
    };
    let backwards = Span {
        start_time_unix_nano: 100,
        end_time_unix_nano: 40,
        ..span(2)
    };
    let unset = Span {
        start_time_unix_nano: 0,
        end_time_unix_nano: 0,
        ..span(3)
    };
    let body = request(vec![late, backwards, unset]).encode_to_vec();
    let response = Intake::new(writer.clone())
        .handle(Request::post("/v1/traces", PROTOBUF, body))
        .await;
    let warning =
        "1 spans have times beyond the year 2262, stored as its last nanosecond".to_owned();
    assert_eq!(
        (response.status, partial_success(&response.body)),
        (200, (0, warning))
    );
    writer.close().await;
    let rows = execute(
        &reader,
        "SELECT start_time_ns, duration_ns FROM baton_data.spans ORDER BY span_id",
        &[],
    )
    .unwrap();
    assert_eq!(
        serde_json::to_string(&rows.rows).unwrap(),
        "[[9223372036854775807,0],[100,-60],[0,0]]"
    );
}
