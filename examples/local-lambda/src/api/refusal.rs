//! The documented refusals, status and body: `{"errorMessage":"…","errorType":"…"}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::lifecycle::{Refused, ResponseRefused, RuntimeState};

/// The largest buffered response: 6 MiB and 100 bytes.
pub(crate) const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024 + 100;

/// Everything the APIs answer other than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    InvalidRequestId,
    InvalidResponseMode,
    Truncated,
    Transition {
        from: &'static str,
        to: &'static str,
    },
    TimedOut,
    TooLarge,
    Validation(String),
    Forbidden {
        error_type: &'static str,
        message: String,
    },
    Internal,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    error_message: &'a str,
    error_type: &'a str,
}

// === impl Refusal ===

impl Refusal {
    pub(super) fn transition(from: RuntimeState, to: RuntimeState) -> Self {
        Self::Transition {
            from: from.name(),
            to: to.name(),
        }
    }

    pub(super) fn response(refused: ResponseRefused, to: RuntimeState) -> Self {
        match refused {
            ResponseRefused::WrongRequestId => Self::InvalidRequestId,
            ResponseRefused::WrongState(from) => Self::transition(from, to),
            ResponseRefused::TimedOut => Self::TimedOut,
        }
    }

    fn parts(self) -> (StatusCode, &'static str, String) {
        match self {
            Self::InvalidRequestId => (
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "Invalid request ID".to_owned(),
            ),
            Self::InvalidResponseMode => (
                StatusCode::BAD_REQUEST,
                "InvalidFunctionResponseMode",
                "Invalid function response mode".to_owned(),
            ),
            Self::Truncated => (
                StatusCode::BAD_REQUEST,
                "TruncatedHTTPRequest",
                "HTTP request detected as truncated".to_owned(),
            ),
            Self::Transition { from, to } => {
                let why = "State transition is not allowed";
                let message = format!(
                    "State transition from {from} to {to} failed for runtime. Error: {why}"
                );
                (StatusCode::FORBIDDEN, "InvalidStateTransition", message)
            }
            Self::TimedOut => (
                StatusCode::GONE,
                "InvokeTimeout",
                "Invoke timeout".to_owned(),
            ),
            Self::TooLarge => {
                let message =
                    format!("Exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).");
                (
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "RequestEntityTooLarge",
                    message,
                )
            }
            Self::Validation(message) => (StatusCode::BAD_REQUEST, "ValidationError", message),
            Self::Forbidden {
                error_type,
                message,
            } => (StatusCode::FORBIDDEN, error_type, message),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                "Internal Server Error".to_owned(),
            ),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self::Forbidden {
            error_type: refused.error_type,
            message: refused.message,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error_type, message) = self.parts();
        (
            status,
            Json(Body {
                error_message: &message,
                error_type,
            }),
        )
            .into_response()
    }
}

/// 202 `{"status":"OK"}`.
pub(super) fn accepted() -> Response {
    (
        StatusCode::ACCEPTED,
        Json(serde_json::json!({"status": "OK"})),
    )
        .into_response()
}
