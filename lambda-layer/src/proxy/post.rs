//! What the runtime posts: answers, buffered or streamed, and errors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::HeaderValue;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;

use super::keep::{Keep, Kept};
use super::{Body, ERROR_BYTES, Proxy, ProxyError, READ_BYTES, STREAM_BYTES, upstream};
use crate::invocations::Failure;

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";

impl Proxy {
    pub(super) async fn response(
        &self,
        id: String,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, ProxyError> {
        let mode = request.headers().get(RESPONSE_MODE);
        let is_stream = mode.is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"streaming"));
        let room = if is_stream { STREAM_BYTES } else { READ_BYTES };
        let (parts, body) = request.into_parts();
        let (body, keep) = Kept::new(body, Keep::new(room, &self.budget));
        let request = Request::from_parts(parts, upstream::boxed(body));
        let response = self.upstream.call(request).await?;
        // A refused answer is none: too large, too late, or given already.
        if response.status().is_success() {
            let (bytes, trailers) = Keep::take(&keep);
            self.guarded(|| match trailers.as_ref().and_then(failure_of_stream) {
                Some(failure) => self.invocations.failed(&id, failure),
                None => self.invocations.answered(&id, bytes, is_stream),
            });
        }
        Ok(response.map(upstream::boxed))
    }

    /// Passes an error post on; what it says, when Lambda took it.
    pub(super) async fn error(
        &self,
        request: Request<Incoming>,
    ) -> Result<(Option<Failure>, Response<Body>), ProxyError> {
        let kind = text(request.headers(), ERROR_TYPE).map(str::to_owned);
        let (parts, body) = request.into_parts();
        let (body, keep) = Kept::new(body, Keep::new(ERROR_BYTES, &self.budget));
        let request = Request::from_parts(parts, upstream::boxed(body));
        let response = self.upstream.call(request).await?;
        let is_taken = response.status().is_success();
        let read = || {
            let (bytes, _) = Keep::take(&keep);
            Failure::read(kind.as_deref(), &bytes)
        };
        let failure = is_taken.then(|| self.guarded(read)).flatten();
        Ok((failure, response.map(upstream::boxed)))
    }
}

/// A stream that has begun can only fail in its trailers:
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>.
fn failure_of_stream(trailers: &HeaderMap) -> Option<Failure> {
    let kind = text(trailers, ERROR_TYPE)?;
    let body = text(trailers, ERROR_BODY).unwrap_or_default();
    let body = STANDARD.decode(body).unwrap_or_default();
    Some(Failure::read(Some(kind), &body))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name).map(HeaderValue::as_bytes)?;
    str::from_utf8(value).ok().filter(|text| !text.is_empty())
}
