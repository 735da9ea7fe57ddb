//! Function URLs: an HTTP listener per function that makes payload 2.0 events.

mod event;
mod response;
mod streaming;
mod trace;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use self::event::{Arrival, UrlIdentity};
use self::response::response;
use self::streaming::{Broken, streamed};
use self::trace::TraceHeader;
use crate::body::{Unreadable, collect};
use crate::function::Function;
use crate::invocation::{InvokeError, InvokeRequest, MAX_PAYLOAD_BYTES};

const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

#[derive(Debug)]
struct FunctionUrl {
    function: Arc<Function>,
    identity: UrlIdentity,
    port: u16,
}

/// Every method and path of one function's URL, which listens on `port`.
pub(crate) fn router(function: Arc<Function>, region: &str, port: u16) -> Router {
    let identity = UrlIdentity::new(&function.config().name, region);
    Router::new()
        .fallback(serve)
        .with_state(Arc::new(FunctionUrl {
            function,
            identity,
            port,
        }))
}

async fn serve(
    State(url): State<Arc<FunctionUrl>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let trace = TraceHeader::new(
        parts
            .headers
            .get(TRACE)
            .and_then(|value| value.to_str().ok()),
    );
    let body = match collect(body, MAX_PAYLOAD_BYTES).await {
        Ok(body) => body.bytes,
        Err(Unreadable::TooLarge) => {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, &too_large());
        }
        Err(Unreadable::Truncated) => {
            return refused(StatusCode::BAD_REQUEST, &json!({"message": "Bad Request"}));
        }
    };
    let arrival = Arrival {
        parts: &parts,
        body: &body,
        from,
        to_port: url.port,
        trace_header: &trace.event,
        request_id: Uuid::new_v4(),
        at: OffsetDateTime::now_utc(),
    };
    let mut answer = match arrival.event(&url.identity) {
        // In base64 a body is a third larger than it was.
        Ok(event) if event.len() > MAX_PAYLOAD_BYTES => {
            refused(StatusCode::PAYLOAD_TOO_LARGE, &too_large())
        }
        Ok(event) => {
            let request = InvokeRequest {
                trace_header: Some(trace.runtime.clone()),
                ..InvokeRequest::new(event)
            };
            url.invoke(request).await
        }
        Err(error) => bad_gateway(&url.function.config().name, &error.to_string()),
    };
    let headers = answer.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&trace.runtime) {
        headers.entry(TRACE).or_insert(value);
    }
    if let Ok(value) = HeaderValue::from_str(&arrival.request_id.to_string()) {
        headers.entry(REQUEST_ID).or_insert(value);
    }
    answer
}

// === impl FunctionUrl ===

impl FunctionUrl {
    async fn invoke(&self, request: InvokeRequest) -> Response {
        let answer = self.answer(request).await;
        answer.unwrap_or_else(|broken| match broken {
            Broken::Unusable(reason) => bad_gateway(&self.function.config().name, &reason),
            Broken::Refused(error) => self.refusal(&error),
        })
    }

    async fn answer(&self, request: InvokeRequest) -> Result<Response, Broken> {
        if self.function.config().response_stream {
            let answer = self.function.invoke_streaming(request).await;
            return streamed(answer.map_err(Broken::Refused)?).await;
        }
        let output = self.function.invoke(request).await;
        response(output.map_err(Broken::Refused)?).map_err(Broken::Unusable)
    }

    fn refusal(&self, error: &InvokeError) -> Response {
        match error {
            InvokeError::Throttled { .. } => refused(
                StatusCode::TOO_MANY_REQUESTS,
                &json!({"Reason": "ConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."}),
            ),
            InvokeError::PayloadTooLarge { .. } => {
                refused(StatusCode::PAYLOAD_TOO_LARGE, &too_large())
            }
            InvokeError::Shutdown { .. } => refused(
                StatusCode::SERVICE_UNAVAILABLE,
                &json!({"message": "Service Unavailable"}),
            ),
            InvokeError::Start { .. }
            | InvokeError::Restore { .. }
            | InvokeError::RestoreTimeout { .. } => {
                bad_gateway(&self.function.config().name, &error.to_string())
            }
        }
    }
}

// === impl UrlIdentity ===

impl UrlIdentity {
    /// An id that is the same in every run, so that logs of two runs can be compared.
    fn new(function: &str, region: &str) -> Self {
        let digest = Sha256::digest(function.as_bytes());
        let id: String = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            domain: format!("{id}.lambda-url.{region}.on.aws"),
            id,
        }
    }
}

/// The caller learns nothing about the function's insides; the log does.
fn bad_gateway(function: &str, reason: &str) -> Response {
    tracing::warn!(function, reason, "a request to the Function URL failed");
    refused(
        StatusCode::BAD_GATEWAY,
        &json!({"message": "Internal Server Error"}),
    )
}

fn too_large() -> Value {
    json!({"message": format!("Request must be smaller than {MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation")})
}

fn refused(status: StatusCode, body: &Value) -> Response {
    (status, Json(body)).into_response()
}
