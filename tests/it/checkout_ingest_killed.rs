//! `kill -9` of the ingest function while checkouts run loses nothing and doubles nothing: a retried request is the same bytes.

use checkout_demo::Options;

use crate::checkout_run::options;

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_ingest_function_loses_and_doubles_nothing() {
    let outcome = checkout_demo::run(&Options {
        kill_ingest: 3,
        ..options("checkout-killed", 40)
    })
    .await
    .unwrap();
    let summary = &outcome.summary;
    assert!(
        summary.ingest_kills >= 1,
        "the ingest function was never caught alive: {summary:?}"
    );
    assert_eq!(
        (summary.stored, summary.duplicates),
        (summary.made, 0),
        "{summary:?}"
    );
}
