//! An asynchronous invocation is answered at once and tried three times in all.

use local_lambda::{Config, LocalLambda};
use serde_json::{Value, json};

use crate::harness::http;
use crate::harness::recording::Recording;

async fn invoke_event(lambda: &LocalLambda, event: &Value) -> reqwest::Response {
    let url = format!(
        "{}/2015-03-31/functions/obey/invocations",
        lambda.invoke_url()
    );
    let request = http::client()
        .post(url)
        .header("X-Amz-Invocation-Type", "Event");
    request.body(event.to_string()).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_is_retried_twice() {
    let recording = Recording::new();
    let mut function = recording.function("obey", "record.obey");
    function.concurrency = 1;
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let response = invoke_event(&lambda, &json!({"raise": "no", "id": 1})).await;
    assert_eq!(response.status(), 202);
    let request_id = response.headers()["x-amzn-requestid"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(response.bytes().await.unwrap(), "");
    recording.wait_for(3).await;

    // The next event comes after the last try, since there is one environment: no fourth try can follow.
    assert_eq!(invoke_event(&lambda, &json!({"id": 2})).await.status(), 202);
    let notes = recording.wait_for(4).await;
    lambda.shutdown().await;
    let ids: Vec<&Value> = notes.iter().map(|note| &note["event"]["id"]).collect();
    assert_eq!(ids, [1, 1, 1, 2]);
    assert_eq!(recording.notes().len(), 4);
    assert!(
        notes[..3]
            .iter()
            .all(|note| note["request_id"] == request_id),
        "{request_id} is not in {notes:?}"
    );
}
