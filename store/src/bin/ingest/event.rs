//! HTTP requests in Lambda's events.
//!
//! Function URL and API Gateway v2: <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>.
//! API Gateway v1 and load balancers: <https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html>.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use baton_store::http::Request;
use lambda_runtime::Diagnostic;
use serde::Deserialize;

/// Both forms; what one of them lacks is `None`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpEvent {
    request_context: Option<RequestContext>,
    raw_path: Option<String>,
    http_method: Option<String>,
    path: Option<String>,
    headers: Option<HashMap<String, Option<String>>>,
    multi_value_headers: Option<HashMap<String, Option<Vec<String>>>>,
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RequestContext {
    http: Option<Http>,
    stage: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Http {
    method: String,
}

/// Why an event is no HTTP request. The invocation fails.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EventError {
    #[error(
        "the event is no HTTP request: expected one of a Function URL, of API Gateway or of a load balancer"
    )]
    NotHttp,
    #[error("the body of the event is no base64, although `isBase64Encoded` is true: {0}")]
    Base64(#[from] base64::DecodeError),
}

impl From<EventError> for Diagnostic {
    fn from(error: EventError) -> Self {
        Self {
            error_type: "Baton.Event".into(),
            error_message: error.to_string(),
        }
    }
}

impl HttpEvent {
    pub(crate) fn into_request(self) -> Result<Request, EventError> {
        let (content_type, content_encoding) =
            (self.header("content-type"), self.header("content-encoding"));
        let context = self.request_context.unwrap_or_default();
        let (method, path) = match (context.http, self.raw_path, self.http_method, self.path) {
            (Some(http), Some(path), _, _) => {
                (http.method, without_stage(&path, context.stage.as_deref()))
            }
            (_, _, Some(method), Some(path)) => (method, path),
            _ => return Err(EventError::NotHttp),
        };
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded {
            BASE64_STANDARD.decode(body)?
        } else {
            body.into_bytes()
        };
        Ok(Request {
            method: method.to_ascii_uppercase(),
            path,
            content_type,
            content_encoding,
            body: body.into(),
        })
    }

    /// Names come in any case: lower case from Function URLs, as the client wrote them from API Gateway v1.
    fn header(&self, wanted: &str) -> String {
        let single = self
            .headers
            .iter()
            .flatten()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let multi = self
            .multi_value_headers
            .iter()
            .flatten()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let single = single.and_then(|(_, value)| value.clone());
        single
            .or_else(|| multi.and_then(|(_, values)| values.as_ref()?.first().cloned()))
            .unwrap_or_default()
    }
}

/// An HTTP API with a stage of a name has it in front of `rawPath`.
fn without_stage(path: &str, stage: Option<&str>) -> String {
    let stage = stage.filter(|stage| *stage != "$default");
    let rest = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    rest.filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn request(event: Value) -> Request {
        serde_json::from_value::<HttpEvent>(event)
            .unwrap()
            .into_request()
            .unwrap()
    }

    #[track_caller]
    fn check(event: Value) {
        let request = request(event);
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/v1/traces")
        );
        assert_eq!(
            (
                request.content_type.as_str(),
                request.content_encoding.as_str()
            ),
            ("application/x-protobuf", "gzip")
        );
        assert_eq!(request.body.as_ref(), b"\x0a\xff");
    }

    #[test]
    fn function_url() {
        check(json!({
            "version": "2.0", "rawPath": "/v1/traces", "rawQueryString": "", "body": "Cv8=", "isBase64Encoded": true,
            "headers": {"content-type": "application/x-protobuf", "content-encoding": "gzip"},
            "requestContext": {"http": {"method": "POST", "path": "/v1/traces"}, "stage": "$default"},
        }));
    }

    #[test]
    fn http_api_with_a_stage() {
        check(json!({
            "version": "2.0", "rawPath": "/prod/v1/traces", "body": "Cv8=", "isBase64Encoded": true,
            "headers": {"content-type": "application/x-protobuf", "content-encoding": "gzip"},
            "requestContext": {"http": {"method": "POST"}, "stage": "prod"},
        }));
    }

    #[test]
    fn rest_api() {
        check(json!({
            "resource": "/{proxy+}", "httpMethod": "POST", "path": "/v1/traces", "body": "Cv8=", "isBase64Encoded": true,
            "headers": {"Content-Type": "application/x-protobuf", "CONTENT-ENCODING": "gzip", "X": null},
            "requestContext": {"stage": "prod"},
        }));
    }

    #[test]
    fn load_balancer_with_multi_value_headers() {
        check(json!({
            "httpMethod": "POST", "path": "/v1/traces", "body": "Cv8=", "isBase64Encoded": true,
            "multiValueHeaders": {"content-type": ["application/x-protobuf"], "content-encoding": ["gzip"]},
            "requestContext": {"elb": {}},
        }));
    }

    #[test]
    fn without_body_and_headers() {
        let request = request(
            json!({"httpMethod": "get", "path": "/", "headers": null, "body": null, "isBase64Encoded": false}),
        );
        assert_eq!((request.method.as_str(), request.body.len()), ("GET", 0));
    }

    #[test]
    fn wrong_events() {
        let error = |event| {
            serde_json::from_value::<HttpEvent>(event)
                .unwrap()
                .into_request()
                .unwrap_err()
        };
        assert_eq!(
            error(json!({"Records": [{"eventSource": "aws:sqs"}]})),
            EventError::NotHttp
        );
        let event =
            json!({"httpMethod": "POST", "path": "/", "body": "?", "isBase64Encoded": true});
        assert!(matches!(error(event), EventError::Base64(_)));
    }
}
