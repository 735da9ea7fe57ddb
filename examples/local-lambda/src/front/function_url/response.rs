//! From a function's answer to an HTTP response.
//!
//! An object with `statusCode` is taken apart; any other JSON is the body of a 200; a streamed answer begins with a prelude
//! of JSON that eight NUL bytes end.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::event::is_hop_by_hop;
use crate::invocation::InvokeOutput;

/// The content type of a streamed answer with a prelude.
const INTEGRATION_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";
const PRELUDE_END: [u8; 8] = [0; 8];

/// Turns the answer into a response, or says why a caller gets a 502.
pub(super) fn response(output: InvokeOutput) -> Result<Response, String> {
    if let Some(error) = output.function_error {
        return Err(format!("the function failed: `{}`", error.error_type));
    }
    let content_type = output.content_type.as_deref().unwrap_or_default();
    if is_integration_response(content_type) {
        let (status, headers, body) = prelude(&output.payload)?
            .ok_or("the streamed answer has no eight NUL bytes after its prelude")?;
        return Ok(build(status, headers, body));
    }
    match serde_json::from_slice(&output.payload) {
        Ok(Value::Object(fields)) if fields.contains_key("statusCode") => whole(&fields),
        // A string is the body itself; other JSON is sent as it came.
        Ok(Value::String(text)) => Ok(build(StatusCode::OK, HeaderMap::new(), Bytes::from(text))),
        Ok(_) => Ok(build(StatusCode::OK, HeaderMap::new(), output.payload)),
        Err(error) => Err(format!("the answer is no JSON: {error}")),
    }
}

fn whole(fields: &Map<String, Value>) -> Result<Response, String> {
    let status = status(fields)?;
    let headers = headers(fields)?;
    let text = match fields.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(other) => return Err(format!("`body` is `{other}`, expected a string")),
    };
    let body = match fields.get("isBase64Encoded") {
        Some(Value::Bool(true)) => STANDARD
            .decode(text)
            .map_err(|error| format!("`body` is no base64: {error}"))?,
        _ => text.as_bytes().to_vec(),
    };
    Ok(build(status, headers, Bytes::from(body)))
}

/// Whether a streamed answer begins with a prelude.
pub(super) fn is_integration_response(content_type: &str) -> bool {
    content_type.split(';').next() == Some(INTEGRATION_RESPONSE)
}

/// Status and headers of a streamed answer, and what follows them; `None` while the prelude has no end.
pub(super) fn prelude(payload: &Bytes) -> Result<Option<(StatusCode, HeaderMap, Bytes)>, String> {
    let end = payload
        .windows(PRELUDE_END.len())
        .position(|bytes| bytes == PRELUDE_END);
    let Some(end) = end else {
        return Ok(None);
    };
    let prelude = payload.slice(..end);
    let fields: Map<String, Value> = serde_json::from_slice(&prelude)
        .map_err(|error| format!("the prelude is no JSON object: {error}"))?;
    let status = if fields.contains_key("statusCode") {
        status(&fields)?
    } else {
        StatusCode::OK
    };
    let body = payload.slice(end + PRELUDE_END.len()..);
    Ok(Some((status, headers(&fields)?, body)))
}

fn build(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Response {
    headers
        .entry(header::CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn status(fields: &Map<String, Value>) -> Result<StatusCode, String> {
    let value = fields.get("statusCode").unwrap_or(&Value::Null);
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    number
        .and_then(|number| u16::try_from(number).ok())
        // 1xx is no final answer.
        .filter(|number| (200..600).contains(number))
        .and_then(|number| StatusCode::from_u16(number).ok())
        .ok_or_else(|| format!("`statusCode` is `{value}`, expected 200 to 599"))
}

fn headers(fields: &Map<String, Value>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    match fields.get("headers") {
        None | Some(Value::Null) => {}
        Some(Value::Object(named)) => {
            for (name, value) in named {
                let text = text(value)
                    .ok_or_else(|| format!("header `{name}` is `{value}`, expected a string"))?;
                let name: HeaderName = name
                    .parse()
                    .map_err(|_| format!("`{name}` is no header name"))?;
                // Length and framing are the server's business.
                if name != header::CONTENT_LENGTH && !is_hop_by_hop(name.as_str()) {
                    headers.append(&name, header_value(name.as_str(), &text)?);
                }
            }
        }
        Some(other) => return Err(format!("`headers` is `{other}`, expected an object")),
    }
    match fields.get("cookies") {
        None | Some(Value::Null) => {}
        Some(Value::Array(cookies)) => {
            for cookie in cookies {
                let text = cookie
                    .as_str()
                    .ok_or_else(|| format!("a cookie is `{cookie}`, expected a string"))?;
                headers.append(header::SET_COOKIE, header_value("set-cookie", text)?);
            }
        }
        Some(other) => return Err(format!("`cookies` is `{other}`, expected a list")),
    }
    Ok(headers)
}

fn header_value(name: &str, text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        format!(
            "`{}` cannot be the value of header `{name}`",
            text.escape_debug()
        )
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
