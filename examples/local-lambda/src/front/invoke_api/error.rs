//! The errors of the Invoke API, as `botocore`'s service model names and shapes them.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::invocation::InvokeError;

pub(super) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An answer other than the function's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: StatusCode,
    name: &'static str,
    message: String,
    reason: Option<&'static str>,
}

// === impl ApiError ===

impl ApiError {
    fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            name,
            message: message.into(),
            reason: None,
        }
    }

    pub(super) fn not_found(arn: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            format!("Function not found: {arn}"),
        )
    }

    pub(super) fn unknown_operation(method: &str, path: &str) -> Self {
        let expected = "expected `POST /2015-03-31/functions/NAME/invocations`";
        Self::new(
            StatusCode::NOT_FOUND,
            "UnknownOperationException",
            format!("`{method} {path}` is no operation here, {expected}"),
        )
    }

    pub(super) fn invalid_content(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            message,
        )
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "InvalidParameterValueException",
            message,
        )
    }

    /// The wording of AWS's own parameter validation.
    pub(super) fn validation(value: &str, field: &str, constraint: &str) -> Self {
        let message = format!(
            "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
        );
        Self::new(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let message =
            format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            message,
        )
    }

    pub(super) fn too_many(reason: &'static str, message: impl Into<String>) -> Self {
        let error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            message,
        );
        Self {
            reason: Some(reason),
            ..error
        }
    }

    /// The model spells the field `Message` in some errors and `message` in others.
    fn message_field(&self) -> &'static str {
        match self.name {
            "ResourceNotFoundException"
            | "ServiceException"
            | "SnapStartException"
            | "SnapStartTimeoutException" => "Message",
            _ => "message",
        }
    }

    fn fault(&self) -> &'static str {
        if self.status.is_server_error() {
            "Service"
        } else {
            "User"
        }
    }
}

impl From<InvokeError> for ApiError {
    fn from(error: InvokeError) -> Self {
        match error {
            InvokeError::Throttled { .. } => {
                Self::too_many("ConcurrentInvocationLimitExceeded", "Rate Exceeded.")
            }
            InvokeError::PayloadTooLarge { .. } => Self::too_large(crate::MAX_PAYLOAD_BYTES),
            InvokeError::Restore { .. } => Self::new(
                StatusCode::BAD_REQUEST,
                "SnapStartException",
                "The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch logs.",
            ),
            InvokeError::RestoreTimeout { .. } => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "SnapStartTimeoutException",
                "Lambda couldn't restore the snapshot within the timeout limit.",
            ),
            error @ (InvokeError::Shutdown { .. } | InvokeError::Start { .. }) => {
                let mut message = error.to_string();
                if let Some(source) = std::error::Error::source(&error) {
                    message = format!("{message}: {source}");
                }
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "ServiceException",
                    message,
                )
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = Map::new();
        if let Some(reason) = self.reason {
            body.insert("Reason".to_owned(), Value::from(reason));
        }
        body.insert("Type".to_owned(), Value::from(self.fault()));
        body.insert(self.message_field().to_owned(), Value::from(self.message));
        let mut response = (self.status, Json(Value::Object(body))).into_response();
        let headers = response.headers_mut();
        headers.insert(ERROR_TYPE, HeaderValue::from_static(self.name));
        if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
            headers.insert(REQUEST_ID, id);
        }
        response
    }
}
