//! The Runtime API: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::sync::Arc;
use std::time::SystemTime;

use super::answer::{ERROR_TYPE, Failed, answered, content_type, forward, text, valid_error_type};
use super::refusal::{MAX_RESPONSE_BYTES, Refusal, accepted};
use crate::body::{Unreadable, collect};
use crate::lifecycle::{Answer, Delivery, Fault, RuntimeState};
use crate::sandbox::Sandbox;
use axum::Extension;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;

const INVOCATION_ID: &str = "lambda-runtime-invocation-id";
const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";

const MAX_ERROR_BYTES: usize = 1024 * 1024;
/// What a streamed response may hold when it is collected for a caller that takes whole answers.
const MAX_STREAMED_BYTES: usize = 20 * 1024 * 1024;
/// What it may hold for a caller that reads it while it comes.
const MAX_FORWARDED_BYTES: usize = 200 * 1024 * 1024;

/// `GET /runtime/invocation/next`: waits for an event, however long.
pub(super) async fn next(Extension(sandbox): Extension<Arc<Sandbox>>) -> Result<Response, Refusal> {
    let ready = sandbox.update(|state| state.runtime_ready());
    ready.map_err(|from| Refusal::transition(from, RuntimeState::Ready))?;
    let _waiting = Worker(&sandbox);
    let delivery = sandbox
        .until(|state| {
            if state.closed {
                Some(None)
            } else {
                state.take_delivery().map(Some)
            }
        })
        .await;
    delivery
        .map(|delivery| event(&delivery))
        .ok_or(Refusal::Internal)
}

/// A worker that waits for an event; it leaves with one, or by hanging up.
struct Worker<'a>(&'a Sandbox);

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        self.0.update(|state| state.worker_left());
    }
}

/// `POST /runtime/invocation/{id}/response`, buffered or streamed.
pub(super) async fn response(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let began = (Instant::now(), SystemTime::now());
    let delivery = begin(
        &sandbox,
        &request_id,
        &headers,
        RuntimeState::InvocationResponse,
    )?;
    let id = delivery.request_id;
    let streamed = match headers.get(RESPONSE_MODE).map(HeaderValue::as_bytes) {
        None => false,
        Some(b"streaming") => true,
        Some(_) => {
            let refused = Failed {
                error_type: "Runtime.InvalidResponseModeHeader",
                message: "Invalid response mode",
            };
            finish(&sandbox, id, refused.answer(began))?;
            return Err(Refusal::InvalidResponseMode);
        }
    };
    let sink = delivery.sink.filter(|_| streamed);
    let limit = match (&sink, streamed) {
        (Some(_), _) => MAX_FORWARDED_BYTES,
        (None, true) => MAX_STREAMED_BYTES,
        (None, false) => MAX_RESPONSE_BYTES,
    };
    let taken = match sink {
        Some(sink) => forward(body, &headers, &sink, limit).await,
        None => collect(body, limit).await,
    };
    match taken {
        Ok(collected) => {
            finish(&sandbox, id, answered(collected, &headers, began))?;
            Ok(accepted())
        }
        Err(Unreadable::TooLarge) => {
            let message = format!(
                "Response payload size exceeded maximum allowed payload size ({limit} bytes)."
            );
            let refused = Failed {
                error_type: "Function.ResponseSizeTooLarge",
                message: &message,
            };
            finish(&sandbox, id, refused.answer(began))?;
            Err(Refusal::TooLarge)
        }
        Err(Unreadable::Truncated) => {
            let refused = Failed {
                error_type: "Runtime.TruncatedResponse",
                message: "Truncated response",
            };
            finish(&sandbox, id, refused.answer(began))?;
            Err(Refusal::Truncated)
        }
    }
}

/// `POST /runtime/invocation/{id}/error`.
pub(super) async fn error(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let began = (Instant::now(), SystemTime::now());
    let delivery = begin(
        &sandbox,
        &request_id,
        &headers,
        RuntimeState::InvocationErrorResponse,
    )?;
    let payload = collect(body, MAX_ERROR_BYTES)
        .await
        .map(|collected| collected.bytes);
    let too_large = payload == Err(Unreadable::TooLarge);
    let payload = payload.unwrap_or_default();
    let answer = Answer {
        produced_bytes: payload.len(),
        payload,
        content_type: content_type(&headers),
        error_type: Some(valid_error_type(text(&headers, ERROR_TYPE))),
        began,
        ended: (Instant::now(), SystemTime::now()),
    };
    finish(&sandbox, delivery.request_id, answer)?;
    if too_large {
        Err(Refusal::TooLarge)
    } else {
        Ok(accepted())
    }
}

/// `POST /runtime/init/error`.
pub(super) async fn init_error(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fault = reported(&headers, body, "an init error").await;
    let taken = sandbox.update(|state| state.runtime_init_error(fault));
    taken.map_err(|from| Refusal::transition(from, RuntimeState::InitError))?;
    Ok(accepted())
}

/// What a runtime reports outside of an invocation.
pub(super) async fn reported(headers: &HeaderMap, body: Body, what: &str) -> Fault {
    let body = collect(body, MAX_ERROR_BYTES)
        .await
        .map(|collected| collected.bytes)
        .ok();
    Fault {
        error_type: valid_error_type(text(headers, ERROR_TYPE)),
        message: format!("Error: the runtime reported {what}"),
        body,
    }
}

/// The answer to `/next`.
fn event(delivery: &Delivery) -> Response {
    let mut response = Response::new(Body::from(delivery.request.payload.clone()));
    let mut set = |name: &'static str, value: &str| {
        // Values come from callers too; a header that cannot be written is left out, as an empty one is.
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_bytes(value.as_bytes())) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    };
    set(
        "lambda-runtime-aws-request-id",
        &delivery.request_id.to_string(),
    );
    set(INVOCATION_ID, &delivery.invocation_id.to_string());
    set(
        "lambda-runtime-deadline-ms",
        &delivery.deadline_ms.to_string(),
    );
    set("lambda-runtime-invoked-function-arn", &delivery.arn);
    set("lambda-runtime-trace-id", &delivery.trace_header);
    set(
        "lambda-runtime-client-context",
        &one_line(
            delivery
                .request
                .client_context
                .as_deref()
                .unwrap_or_default(),
        ),
    );
    set(
        "lambda-runtime-aws-tenant-id",
        delivery.request.tenant_id.as_deref().unwrap_or_default(),
    );
    set("content-type", "application/json");
    response.into_response()
}

/// JSON may hold line breaks between its tokens; a header may not.
fn one_line(json: &str) -> String {
    json.replace(['\r', '\n'], " ")
}

fn begin(
    sandbox: &Sandbox,
    request_id: &str,
    headers: &HeaderMap,
    to: RuntimeState,
) -> Result<Delivery, Refusal> {
    let echoed = headers
        .get(INVOCATION_ID)
        .map(|echo| echo.to_str().unwrap_or_default());
    let begun = sandbox.update(|state| state.begin_answer(request_id, echoed, to));
    begun.map_err(|refused| Refusal::response(refused, to))
}

fn finish(sandbox: &Sandbox, request_id: uuid::Uuid, answer: Answer) -> Result<(), Refusal> {
    if sandbox.update(|state| state.finish_answer(request_id, answer)) {
        Ok(())
    } else {
        Err(Refusal::TimedOut)
    }
}
