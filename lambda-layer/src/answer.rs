//! Answers to the function's SDK, as <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response> asks for them.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use prost::Message;

pub(crate) const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `google.rpc.Status`, the body of every OTLP error.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// `Export…PartialSuccess`, the same three times in OTLP.
#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// `Export…ServiceResponse`.
#[derive(Clone, PartialEq, Message)]
struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

/// What a request is told.
#[derive(Debug)]
pub(crate) enum Answer {
    Accepted,
    /// Taken notice of, and dropped: nobody sends it again.
    Rejected {
        items: u64,
        why: &'static str,
    },
    Refused(Refusal),
}

#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Whether the asker reads JSON rather than protobuf.
    pub(crate) as_json: bool,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            as_json: false,
        }
    }
}

// After a second an invocation has often ended, and the buffer with it been emptied.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Accepted => response(StatusCode::OK, PROTOBUF, Vec::new()),
            Self::Rejected { items, why } => {
                let partial_success = Some(PartialSuccess {
                    rejected: i64::try_from(items).unwrap_or(i64::MAX),
                    error_message: why.to_owned(),
                });
                let body = ExportResponse { partial_success }.encode_to_vec();
                response(StatusCode::OK, PROTOBUF, body)
            }
            Self::Refused(refusal) => refusal.into_response(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = Status {
            code: rpc_code(self.status),
            message: self.message,
        };
        let mut answer = if self.as_json {
            response(self.status, JSON, json(&status).into_bytes())
        } else {
            response(self.status, PROTOBUF, status.encode_to_vec())
        };
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => {
                answer
                    .headers_mut()
                    .insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                answer
                    .headers_mut()
                    .insert(ALLOW, HeaderValue::from_static("POST"));
            }
            _ => {}
        }
        answer
    }
}

fn response(status: StatusCode, content_type: HeaderValue, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn json(status: &Status) -> String {
    serde_json::json!({"code": status.code, "message": status.message}).to_string()
}

// <https://grpc.io/docs/guides/status-codes/>
fn rpc_code(status: StatusCode) -> i32 {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::PAYLOAD_TOO_LARGE => 8,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => 12,
        StatusCode::REQUEST_TIMEOUT => 4,
        _ => 3,
    }
}

/// The spans a receiver says it rejected, and why; `None` for a full success.
pub(crate) fn partial_success(body: &[u8]) -> Option<(u64, String)> {
    let partial = ExportResponse::decode(body).ok()?.partial_success?;
    let rejected = u64::try_from(partial.rejected).unwrap_or(0);
    let mut message = partial.error_message;
    // A receiver's text goes into a log line: not all of it, whatever it is.
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARS) {
        message.truncate(end);
        let _ = message.write_str("…");
    }
    (rejected > 0 || !message.is_empty()).then_some((rejected, message))
}

const MESSAGE_CHARS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_successes() {
        let encode = |rejected, message: &str| {
            let partial_success = Some(PartialSuccess {
                rejected,
                error_message: message.to_owned(),
            });
            ExportResponse { partial_success }.encode_to_vec()
        };
        for (body, expected) in [
            (vec![], None),
            (b"{}".to_vec(), None),
            (encode(0, ""), None),
            (encode(3, "no"), Some((3, "no".to_owned()))),
            (encode(0, "mind"), Some((0, "mind".to_owned()))),
            (encode(-1, "odd"), Some((0, "odd".to_owned()))),
        ] {
            assert_eq!(partial_success(&body), expected);
        }
        let (_, long) = partial_success(&encode(1, &"é".repeat(1000))).unwrap();
        assert_eq!(long.chars().count(), MESSAGE_CHARS + 1);
    }
}
