//! A queue that does not exist is named at the start, and nothing is left running.

use local_lambda::{Config, LocalLambda, SqsMapping};

use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_queue_is_named() {
    let server = SqsServer::start().await;
    let queue = format!("{}/000000000000/nowhere", server.endpoint());
    let mut function = Recording::new().function("orders", "record.sqs");
    function.sqs = vec![SqsMapping::new(&queue)];
    let said = LocalLambda::start(Config::new([function]))
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(
        said,
        format!(
            "queue `{queue}` does not exist at `{}`, expected an existing queue; create it first, or check the account and \
             the name in its URL",
            server.endpoint()
        )
    );
}
