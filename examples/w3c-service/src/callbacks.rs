//! What the service does: reads the context, makes a span for each call, writes the context.

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    routing::post,
};
use baton_propagators::format::{Extracted, Formats, Outgoing};
use reqwest::{Client, redirect};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ids;

/// One call that the harness wants.
#[derive(Deserialize)]
struct Callback<'a> {
    url: String,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

pub(crate) fn router() -> Result<Router> {
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()?;
    let calls = post(answer).with_state(client);
    Ok(Router::new()
        .route("/", calls.clone())
        .route("/{*path}", calls))
}

/// The callbacks one after another, then an answer.
async fn answer(
    State(client): State<Client>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let callbacks: Vec<Callback<'_>> = match serde_json::from_slice(&body) {
        Ok(callbacks) => callbacks,
        Err(error) => {
            let expected = r#"expected an array of {"url": …, "arguments": […]}"#;
            return (StatusCode::BAD_REQUEST, format!("{error}: {expected}\n"));
        }
    };
    let received = Formats::default().extract(&headers);
    for callback in &callbacks {
        if let Err(error) = call(&client, callback, &received).await {
            return (
                StatusCode::BAD_GATEWAY,
                format!("`{}`: {error:#}\n", callback.url),
            );
        }
    }
    (StatusCode::OK, String::new())
}

async fn call(client: &Client, callback: &Callback<'_>, received: &Extracted<'_>) -> Result<()> {
    let span = ids::span(received.context.as_ref());
    let mut headers = HeaderMap::new();
    Formats::default().inject(&Outgoing::new(&span).with(received), &mut headers);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = callback.arguments.get().to_owned();
    client
        .post(&callback.url)
        .headers(headers)
        .body(body)
        .send()
        .await?;
    Ok(())
}
