//! Telling Lambda why there is no function: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror>.

use std::time::Duration;

use crate::environment::Environment;

/// The sentence stands in the log anyway; a Runtime API that does not answer changes nothing.
pub(crate) async fn report(environment: &Environment, error: &anyhow::Error) {
    let Some(api) = &environment.runtime_api else {
        return;
    };
    let body = serde_json::json!({"errorType": "Baton.Store", "errorMessage": format!("{error:#}"), "stackTrace": []});
    let Ok(client) = baton_store::http_client::builder()
        .timeout(Duration::from_secs(2))
        .build()
    else {
        return;
    };
    let request = client
        .post(format!("http://{api}/2018-06-01/runtime/init/error"))
        .json(&body);
    let request = request.header("lambda-runtime-function-error-type", "Baton.Store");
    if let Err(error) = request.send().await {
        tracing::warn!(%error, "the Runtime API was not told");
    }
}
