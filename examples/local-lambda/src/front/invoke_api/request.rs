//! What an Invoke request asks for, held against the documented limits.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::error::ApiError;
use crate::invocation::{InvokeRequest, MAX_PAYLOAD_BYTES};

/// The limit of asynchronous events.
pub(super) const MAX_ASYNC_BYTES: usize = 1024 * 1024;
/// The limit of the client context, in base64.
const MAX_CLIENT_CONTEXT_BYTES: usize = 3_583;

/// `X-Amz-Invocation-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

// === impl InvocationType ===

impl InvocationType {
    pub(super) fn parse(headers: &HeaderMap) -> Result<Self, ApiError> {
        match text(headers, "x-amz-invocation-type") {
            None | Some("RequestResponse") => Ok(Self::RequestResponse),
            Some("Event") => Ok(Self::Event),
            Some("DryRun") => Ok(Self::DryRun),
            Some(other) => Err(ApiError::validation(
                other,
                "invocationType",
                "Member must satisfy enum value set: [Event, RequestResponse, DryRun]",
            )),
        }
    }

    pub(super) fn limit(self) -> usize {
        match self {
            Self::Event => MAX_ASYNC_BYTES,
            Self::RequestResponse | Self::DryRun => MAX_PAYLOAD_BYTES,
        }
    }
}

/// Whether the caller wants the end of the log: `X-Amz-Log-Type`.
pub(super) fn wants_log(headers: &HeaderMap) -> Result<bool, ApiError> {
    match text(headers, "x-amz-log-type") {
        None | Some("None") => Ok(false),
        Some("Tail") => Ok(true),
        Some(other) => Err(ApiError::validation(
            other,
            "logType",
            "Member must satisfy enum value set: [None, Tail]",
        )),
    }
}

/// The invocation that a request describes.
pub(super) fn invocation(
    kind: InvocationType,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<InvokeRequest, ApiError> {
    // The client context goes along with synchronous invocations only.
    let client_context = match kind {
        InvocationType::Event => None,
        InvocationType::RequestResponse | InvocationType::DryRun => client_context(headers)?,
    };
    let owned = |name| text(headers, name).map(str::to_owned);
    Ok(InvokeRequest {
        payload: payload(body)?,
        client_context,
        trace_header: owned("x-amzn-trace-id"),
        tenant_id: owned("x-amz-tenant-id"),
        // Chosen here, since an asynchronous event is answered before it runs.
        request_id: Some(Uuid::new_v4()),
    })
}

/// The event: any JSON. No body at all is the empty object, as on Lambda.
fn payload(body: Bytes) -> Result<Bytes, ApiError> {
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    serde_json::from_slice::<IgnoredAny>(&body).map_err(|error| {
        ApiError::invalid_content(format!("Could not parse request body into json: {error}"))
    })?;
    Ok(body)
}

fn client_context(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(encoded) = text(headers, "x-amz-client-context").filter(|encoded| !encoded.is_empty())
    else {
        return Ok(None);
    };
    if encoded.len() > MAX_CLIENT_CONTEXT_BYTES {
        let message = format!(
            "Client context is {} bytes of base64, expected at most {MAX_CLIENT_CONTEXT_BYTES}",
            encoded.len()
        );
        return Err(ApiError::invalid_content(message));
    }
    let wrong =
        || ApiError::invalid_content("Client context must be a valid Base64-encoded JSON object.");
    let decoded = STANDARD.decode(encoded).map_err(|_| wrong())?;
    let decoded = String::from_utf8(decoded).map_err(|_| wrong())?;
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&decoded)
        .map_err(|_| wrong())?;
    Ok(Some(decoded))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_str(value).unwrap())])
    }

    fn sync(headers: &HeaderMap, body: &'static str) -> Result<InvokeRequest, ApiError> {
        invocation(InvocationType::RequestResponse, headers, Bytes::from(body))
    }

    #[test]
    fn bodies() {
        for (body, event) in [
            ("", "{}"),
            ("null", "null"),
            ("\"text\"", "\"text\""),
            (" {\"a\": 1} ", " {\"a\": 1} "),
        ] {
            assert_eq!(sync(&HeaderMap::new(), body).unwrap().payload, event);
        }
        for body in ["{", "text", "{} {}", "\u{1}"] {
            assert!(sync(&HeaderMap::new(), body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_client_context_is_decoded() {
        let json = r#"{"custom":{"traceparent":"00-ab-cd-01"}}"#;
        let headers = with("x-amz-client-context", &STANDARD.encode(json));
        assert_eq!(
            sync(&headers, "{}").unwrap().client_context.as_deref(),
            Some(json)
        );
        let event = invocation(InvocationType::Event, &headers, Bytes::new()).unwrap();
        assert_eq!(event.client_context, None);
    }

    #[test]
    fn a_bad_client_context_is_refused() {
        let object = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length));
        assert!(
            sync(
                &with("x-amz-client-context", &STANDARD.encode(object(2_000))),
                "{}"
            )
            .is_ok()
        );
        for bad in [
            "%%%".to_owned(),
            STANDARD.encode("[1]"),
            STANDARD.encode([0xff]),
            STANDARD.encode(object(2_700)),
        ] {
            assert!(
                sync(&with("x-amz-client-context", &bad), "{}").is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn types() {
        assert_eq!(
            InvocationType::parse(&HeaderMap::new()),
            Ok(InvocationType::RequestResponse)
        );
        assert_eq!(
            InvocationType::parse(&with("x-amz-invocation-type", "Event")),
            Ok(InvocationType::Event)
        );
        assert!(InvocationType::parse(&with("x-amz-invocation-type", "event")).is_err());
        assert_eq!(wants_log(&with("x-amz-log-type", "Tail")), Ok(true));
        assert!(wants_log(&with("x-amz-log-type", "All")).is_err());
    }
}
