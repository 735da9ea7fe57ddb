//! `PUT /2022-07-01/telemetry`: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html>.

use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};

use super::extensions::identifier;
use super::refusal::Refusal;
use crate::body::collect;
use crate::lifecycle::Refused;
use crate::sandbox::Sandbox;
use crate::telemetry::Subscription;

const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Subscribes the calling extension, during init and once.
pub(super) async fn subscribe(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let id = identifier(&headers)?;
    let body = collect(body, MAX_BODY_BYTES).await;
    let known = sandbox.look(|state| {
        state
            .extensions
            .iter()
            .find(|known| known.id == id)
            .map(|known| known.name.clone())
    });
    let name = known.ok_or_else(|| {
        Refused::new(
            "Extension.UnknownExtensionIdentifier",
            format!("Unknown extension {id}"),
        )
    })?;
    if !sandbox.look(|state| state.subscription_open) {
        return Err(Refused::new(
            "Telemetry.SubscriptionClosed",
            "Telemetry API subscription is closed",
        )
        .into());
    }
    let body = body.map_err(|why| Refusal::Validation(format!("unreadable body: {why:?}")))?;
    let managed = sandbox.look(|state| state.concurrent.is_some());
    let subscription = Subscription::parse(&body.bytes, managed).map_err(Refusal::Validation)?;
    sandbox.telemetry.subscribe(&name, subscription);
    Ok(Json("OK").into_response())
}
