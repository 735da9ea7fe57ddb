//! An invocation that SHUTDOWN ends, and of which no record comes.

use std::time::Duration;

use axum::http::StatusCode;

use super::*;

#[tokio::test]
async fn the_reason_of_shutdown_tells_how_it_went() {
    for (reason, outcome) in [("timeout", "timeout"), ("FAILURE", "crash")] {
        let mut bed = Bed::start(&[]).await;
        bed.lambda.invoke("r1", Duration::from_millis(900)).await;
        let (_runtime, _upstream, _) = bed.next("", "{}").await;
        bed.lambda.next_called().await;
        let event = format!(
            r#"{{"eventType":"SHUTDOWN","shutdownReason":"{reason}","deadlineMs":99999999999999}}"#
        );
        bed.lambda.answer_next(StatusCode::OK, &event).await;
        bed.layer.end().await;
        let made = spans(&bed.receiver);
        let mut told = made
            .iter()
            .filter_map(|span| attribute(span, "baton.invocation_outcome"));
        assert_eq!(told.next().as_deref(), Some(outcome), "{reason}");
    }
}
