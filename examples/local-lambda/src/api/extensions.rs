//! The Extensions API: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>.

use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::refusal::{Refusal, accepted};
use crate::body::collect;
use crate::lifecycle::{ExtensionEvent, ExtensionState, Refused};
use crate::sandbox::{FUNCTION_VERSION, Identity, Sandbox};

const IDENTIFIER: &str = "lambda-extension-identifier";
const MAX_BODY_BYTES: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    configuration_keys: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registered<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    function_name: &'a str,
    function_version: &'static str,
    handler: &'a str,
}

/// `POST /extension/register`.
pub(super) async fn register(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let name = headers
        .get("lambda-extension-name")
        .and_then(|name| name.to_str().ok())
        .unwrap_or_default();
    if name.is_empty() {
        return Err(Refused::new("Extension.InvalidExtensionName", "Empty extension name").into());
    }
    let registration = read_registration(body).await?;
    let id = sandbox.update(|state| state.register(name, &registration.events))?;
    let features = headers
        .get("lambda-extension-accept-feature")
        .and_then(|list| list.to_str().ok());
    let with_account =
        features.is_some_and(|list| list.split(',').any(|feature| feature.trim() == "accountId"));
    let identity: &Identity = &sandbox.identity;
    let registered = Registered {
        account_id: with_account.then_some(identity.account_id.as_str()),
        function_name: &identity.function,
        function_version: FUNCTION_VERSION,
        handler: &identity.handler,
    };
    Ok(([(IDENTIFIER, id.to_string())], Json(registered)).into_response())
}

async fn read_registration(body: Body) -> Result<Registration, Refused> {
    let invalid = |message: String| Refused::new("InvalidRequestFormat", message);
    let collected = collect(body, MAX_BODY_BYTES)
        .await
        .map_err(|why| invalid(format!("unreadable body: {why:?}")))?;
    let registration: Registration =
        serde_json::from_slice(&collected.bytes).map_err(|error| invalid(error.to_string()))?;
    if !registration.configuration_keys.is_empty() {
        return Err(invalid(
            "configurationKeys are deprecated; use environment variables instead".to_owned(),
        ));
    }
    Ok(registration)
}

/// `GET /extension/event/next`: waits for INVOKE or SHUTDOWN, however long.
pub(super) async fn next(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = identifier(&headers)?;
    sandbox.update(|state| state.extension_ready(id))?;
    let event = sandbox
        .until(|state| {
            if state.closed {
                Some(None)
            } else {
                state.take_extension_event(id).map(Some)
            }
        })
        .await;
    let event = event.ok_or(Refusal::Internal)?;
    let event_id = Uuid::new_v4().to_string();
    Ok((
        [("lambda-extension-event-identifier", event_id)],
        Json(show(&event)),
    )
        .into_response())
}

/// `POST /extension/init/error`.
pub(super) async fn init_error(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    fail(&sandbox, &headers, ExtensionState::InitError)
}

/// `POST /extension/exit/error`.
pub(super) async fn exit_error(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    fail(&sandbox, &headers, ExtensionState::ExitError)
}

fn fail(sandbox: &Sandbox, headers: &HeaderMap, to: ExtensionState) -> Result<Response, Refusal> {
    const ERROR_TYPE: &str = "Lambda-Extension-Function-Error-Type";
    let id = identifier(headers)?;
    let error_type = headers
        .get(ERROR_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if error_type.is_empty() {
        return Err(
            Refused::new("Extension.MissingHeader", format!("{ERROR_TYPE} not found")).into(),
        );
    }
    sandbox.update(|state| state.extension_error(id, error_type, to))?;
    Ok(accepted())
}

/// The caller's `Lambda-Extension-Identifier`.
pub(super) fn identifier(headers: &HeaderMap) -> Result<Uuid, Refusal> {
    let given = headers
        .get(IDENTIFIER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if given.is_empty() {
        let message = "Missing Lambda-Extension-Identifier header";
        return Err(Refused::new("Extension.MissingExtensionIdentifier", message).into());
    }
    Uuid::try_parse(given).map_err(|_| {
        Refused::new(
            "Extension.InvalidExtensionIdentifier",
            "Invalid Lambda-Extension-Identifier",
        )
        .into()
    })
}

fn show(event: &ExtensionEvent) -> Value {
    match event {
        ExtensionEvent::Invoke(delivery) => json!({
            "eventType": "INVOKE",
            "deadlineMs": delivery.deadline_ms,
            "requestId": delivery.request_id.to_string(),
            "invokedFunctionArn": delivery.arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": delivery.trace_header},
        }),
        ExtensionEvent::Shutdown {
            reason,
            deadline_ms,
        } => json!({
            "eventType": "SHUTDOWN",
            "deadlineMs": deadline_ms,
            "shutdownReason": reason.as_str(),
        }),
    }
}
