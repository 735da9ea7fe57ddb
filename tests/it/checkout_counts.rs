//! Every span that a function made is in the store, once.

use serde::Deserialize;

use crate::checkout_run::{CHECKOUTS, undisturbed};

#[tokio::test(flavor = "multi_thread")]
async fn every_span_made_is_stored_once() {
    let outcome = undisturbed().await;
    let summary = &outcome.summary;
    assert_eq!(summary.checkouts, CHECKOUTS);
    // Five functions, each with an invocation span and a business span for each checkout, at the very least.
    assert!(summary.made > 10 * CHECKOUTS as u64, "{summary:?}");
    assert_eq!(
        (summary.stored, summary.sent, summary.duplicates),
        (summary.made, summary.made, 0),
        "{summary:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bouncing_mails_are_tried_three_times_and_die() {
    #[derive(Debug, Deserialize)]
    struct Lost {
        tries: u64,
        reason: String,
    }
    let outcome = undisturbed().await;
    // Of 56 orders the 8th and the 49th go to a mailbox that does not exist.
    assert_eq!(outcome.summary.dead_letters, 2);
    let sql = &outcome.answers[2].sql;
    let lost: Vec<Lost> = outcome.store.rows(sql).await.unwrap();
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert!(
        lost.iter()
            .all(|order| order.tries == 3 && order.reason.starts_with("550 mailbox unavailable")),
        "{lost:?}"
    );
}
