//! What the runtime posts, as the platform passes it on.

use std::time::SystemTime;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use crate::body::{Collected, DRAIN_BYTES, Unreadable};
use crate::lifecycle::Answer;
use crate::stream::{Sink, StreamPart};

pub(super) const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// A response that arrived whole.
pub(super) fn answered(
    collected: Collected,
    headers: &HeaderMap,
    began: (Instant, SystemTime),
) -> Answer {
    let ended = (Instant::now(), SystemTime::now());
    // A stream that fails midway says so in its trailers, the error's body in base64.
    if let Some(error_type) = text(&collected.trailers, ERROR_TYPE) {
        let body =
            text(&collected.trailers, ERROR_BODY).and_then(|body| STANDARD.decode(body).ok());
        return Answer {
            payload: body.map(Bytes::from).unwrap_or_default(),
            produced_bytes: collected.total,
            content_type: Some("application/json".to_owned()),
            error_type: Some(valid_error_type(Some(error_type))),
            began,
            ended,
        };
    }
    Answer {
        payload: collected.bytes,
        produced_bytes: collected.total,
        content_type: content_type(headers),
        error_type: None,
        began,
        ended,
    }
}

/// Hands a streamed response on while it comes. A caller that hangs up changes nothing for the function.
pub(super) async fn forward(
    mut body: Body,
    headers: &HeaderMap,
    sink: &Sink,
    limit: usize,
) -> Result<Collected, Unreadable> {
    let content_type = content_type(headers);
    // An error means that the caller is gone.
    let _ = sink.send(StreamPart::Started { content_type }).await;
    let mut whole = Collected::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unreadable::Truncated)?;
        match frame.into_data() {
            Ok(data) => {
                whole.total = whole.total.saturating_add(data.len());
                if whole.total <= limit {
                    let _ = sink.send(StreamPart::Chunk(data)).await;
                } else if whole.total > limit.saturating_add(DRAIN_BYTES) {
                    return Err(Unreadable::TooLarge);
                }
            }
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                whole.trailers.extend(trailers);
            }
        }
    }
    if whole.total > limit {
        Err(Unreadable::TooLarge)
    } else {
        Ok(whole)
    }
}

/// A response that the platform replaces by an error.
pub(super) struct Failed<'a> {
    pub(super) error_type: &'static str,
    pub(super) message: &'a str,
}

impl Failed<'_> {
    pub(super) fn answer(&self, began: (Instant, SystemTime)) -> Answer {
        let body = serde_json::json!({"errorMessage": self.message, "errorType": self.error_type});
        let payload = Bytes::from(body.to_string());
        Answer {
            produced_bytes: payload.len(),
            payload,
            content_type: Some("application/json".to_owned()),
            error_type: Some(self.error_type.to_owned()),
            began,
            ended: (Instant::now(), SystemTime::now()),
        }
    }
}

pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    text(headers, CONTENT_TYPE.as_str()).map(str::to_owned)
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Lambda accepts `Runtime.Reason` and `Function.Reason`, and renames the rest.
pub(super) fn valid_error_type(given: Option<&str>) -> String {
    let given = given.unwrap_or_default();
    let reason = given
        .strip_prefix("Runtime.")
        .or_else(|| given.strip_prefix("Function."));
    let valid = reason.is_some_and(|reason| {
        let mut letters = reason.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_uppercase())
            && letters
                .next()
                .is_some_and(|second| second.is_ascii_alphabetic())
    });
    match given {
        _ if valid => given.to_owned(),
        _ if given.starts_with("Function.") => "Function.Unknown".to_owned(),
        _ => "Runtime.Unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_types_are_accepted_or_renamed() {
        let cases = [
            (Some("Function.ValueError"), "Function.ValueError"),
            (
                Some("Runtime.UnhandledPromiseRejection"),
                "Runtime.UnhandledPromiseRejection",
            ),
            (Some("Function.lowercase"), "Function.Unknown"),
            (Some("Function.X"), "Function.Unknown"),
            (Some("ValueError"), "Runtime.Unknown"),
            (None, "Runtime.Unknown"),
        ];
        for (given, expected) in cases {
            assert_eq!(valid_error_type(given), expected, "{given:?}");
        }
    }
}
