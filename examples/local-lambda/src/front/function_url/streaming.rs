//! The invoke mode `RESPONSE_STREAM`: the head of the answer from its prelude, the body while it comes.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures::stream;

use super::response::{is_integration_response, prelude, response};
use crate::invocation::InvokeError;
use crate::stream::{AnswerStream, StreamPart};

/// What a prelude may take up.
const MAX_PRELUDE_BYTES: usize = 1024 * 1024;

/// Why there is no answer.
pub(super) enum Broken {
    Refused(InvokeError),
    /// A 502, and why.
    Unusable(String),
}

/// Waits for the head of an answer. A buffered one is taken as in the mode `BUFFERED`.
pub(super) async fn streamed(mut answer: AnswerStream) -> Result<Response, Broken> {
    let cut_off = || Broken::Unusable("the function was shut down".to_owned());
    let first = answer.next().await.ok_or_else(cut_off)?;
    match first.map_err(Broken::Refused)? {
        StreamPart::Complete(output) => response(*output).map_err(Broken::Unusable),
        StreamPart::Started { content_type } => {
            let content_type = content_type.unwrap_or_default();
            if is_integration_response(&content_type) {
                return with_prelude(answer).await;
            }
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(&content_type) {
                headers.insert(header::CONTENT_TYPE, value);
            }
            Ok(build(StatusCode::OK, headers, Bytes::new(), answer))
        }
        StreamPart::Chunk(chunk) => Ok(build(StatusCode::OK, HeaderMap::new(), chunk, answer)),
    }
}

async fn with_prelude(mut answer: AnswerStream) -> Result<Response, Broken> {
    let mut begun = BytesMut::new();
    loop {
        match answer.next().await {
            Some(Ok(StreamPart::Chunk(chunk))) => begun.extend_from_slice(&chunk),
            Some(Ok(StreamPart::Started { .. })) => {}
            Some(Ok(StreamPart::Complete(output))) => {
                let why = match output.function_error {
                    Some(error) => format!("the function failed: `{}`", error.error_type),
                    None => "the streamed answer ends within its prelude".to_owned(),
                };
                return Err(Broken::Unusable(why));
            }
            Some(Err(error)) => return Err(Broken::Refused(error)),
            None => return Err(Broken::Unusable("the function was shut down".to_owned())),
        }
        if let Some((status, headers, rest)) =
            prelude(&begun.clone().freeze()).map_err(Broken::Unusable)?
        {
            return Ok(build(status, headers, rest, answer));
        }
        if begun.len() > MAX_PRELUDE_BYTES {
            let why = format!("the prelude has more than `{MAX_PRELUDE_BYTES}` bytes");
            return Err(Broken::Unusable(why));
        }
    }
}

/// An error midway breaks the body off: its status has been sent long ago.
fn build(
    status: StatusCode,
    mut headers: HeaderMap,
    first: Bytes,
    answer: AnswerStream,
) -> Response {
    headers
        .entry(header::CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/octet-stream"));
    let body = stream::unfold((Some(first), answer), |(first, mut answer)| async move {
        if let Some(first) = first.filter(|first| !first.is_empty()) {
            return Some((Ok(first), (None, answer)));
        }
        loop {
            match answer.next().await {
                Some(Ok(StreamPart::Started { .. })) => {}
                Some(Ok(StreamPart::Chunk(chunk))) => return Some((Ok(chunk), (None, answer))),
                Some(Ok(StreamPart::Complete(output))) => {
                    let error = output.function_error?;
                    return Some((Err(broken(&error.error_type)), (None, answer)));
                }
                Some(Err(error)) => return Some((Err(broken(&error.to_string())), (None, answer))),
                None => return None,
            }
        }
    });
    let mut response = Response::new(Body::from_stream(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn broken(why: &str) -> std::io::Error {
    std::io::Error::other(format!("the streamed answer broke off: {why}"))
}
