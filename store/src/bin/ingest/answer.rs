//! What Lambda turns into an HTTP response.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use baton_store::http::Response;
use serde::Serialize;

/// The form that Function URLs, API Gateway (v1 and v2) and load balancers share.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    status_code: u16,
    headers: BTreeMap<&'static str, &'static str>,
    body: String,
    is_base64_encoded: bool,
}

impl Answer {
    pub(crate) fn of(response: Response) -> Self {
        let headers: BTreeMap<_, _> = response.headers.into_iter().collect();
        let is_binary = headers
            .get("content-type")
            .is_some_and(|content_type| content_type.ends_with("protobuf"));
        let (body, is_base64_encoded) = match String::from_utf8(response.body) {
            Ok(text) if !is_binary => (text, false),
            Ok(text) => (BASE64_STANDARD.encode(text), true),
            Err(bytes) => (BASE64_STANDARD.encode(bytes.as_bytes()), true),
        };
        Self {
            status_code: response.status,
            headers,
            body,
            is_base64_encoded,
        }
    }
}
