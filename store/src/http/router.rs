//! The server around [`Intake`].

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use axum::http::{self, HeaderValue, StatusCode};

use super::body;
use super::intake::{Intake, Request, Response, rejected};
use super::reject::Reject;

/// A sender that takes longer for one body is cut off.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Every path and method: OTLP has answers for those that are wrong, too.
pub fn router(intake: Intake) -> Router {
    Router::new().fallback(receive).with_state(intake)
}

async fn receive(
    State(intake): State<Intake>,
    request: http::Request<Body>,
) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    let header = |name: HeaderName| {
        let value = parts
            .headers
            .get(name)
            .map(HeaderValue::as_bytes)
            .unwrap_or_default();
        String::from_utf8_lossy(value).into_owned()
    };
    let mut request = Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        content_type: header(CONTENT_TYPE),
        content_encoding: header(CONTENT_ENCODING),
        body: bytes::Bytes::new(),
    };
    let mut lease = intake.lease();
    let read = tokio::time::timeout(BODY_TIMEOUT, body::read(body, &mut lease));
    let read = read.await.unwrap_or_else(|_| {
        Err(Reject::Slow {
            limit_s: BODY_TIMEOUT.as_secs(),
        })
    });
    let response = match read {
        Ok(body) => {
            request.body = body;
            intake.handle_leased(request, lease).await
        }
        Err(reject) => rejected(&request.media_type(), &reject),
    };
    into_http(response)
}

fn into_http(response: Response) -> http::Response<Body> {
    let mut answer = http::Response::new(Body::from(response.body));
    *answer.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        answer.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    answer
}

/// An answer to a request that does not come as far as the intake.
pub(crate) fn rejection(reject: &Reject, request_type: &str) -> http::Response<Body> {
    into_http(Response::rejected(reject, request_type))
}
