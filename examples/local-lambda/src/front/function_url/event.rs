//! The event of a Function URL: payload format version 2.0.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>. As on Lambda, `rawPath` and `rawQueryString` are the
//! bytes of the request line, `http.path` is decoded, and a `cookie` header is there beside `cookies`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::http::{HeaderMap, header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

/// What stays the same for all requests to one URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UrlIdentity {
    /// The id in the URL's domain.
    pub(super) id: String,
    pub(super) domain: String,
}

/// One HTTP request.
#[derive(Debug)]
pub(super) struct Arrival<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: &'a [u8],
    pub(super) from: SocketAddr,
    pub(super) to_port: u16,
    pub(super) trace_header: &'a str,
    pub(super) request_id: Uuid,
    pub(super) at: OffsetDateTime,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'static str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    /// A URL without IAM authorisation knows no account.
    account_id: &'static str,
    api_id: &'a str,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: String,
    route_key: &'static str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: Cow<'a, str>,
    protocol: String,
    source_ip: String,
    user_agent: String,
}

// === impl Arrival ===

impl Arrival<'_> {
    /// The event as JSON.
    ///
    /// # Errors
    ///
    /// Never for text; the signature is serde's.
    pub(super) fn event(&self, url: &UrlIdentity) -> Result<Vec<u8>, serde_json::Error> {
        let raw_path = self.parts.uri.path();
        let raw_query_string = self.parts.uri.query().unwrap_or_default();
        let (body, is_base64_encoded) = self.body();
        let headers = self.headers();
        serde_json::to_vec(&Event {
            version: "2.0",
            route_key: "$default",
            raw_path,
            raw_query_string,
            cookies: cookies(&self.parts.headers),
            query_string_parameters: query(raw_query_string),
            request_context: RequestContext {
                account_id: "anonymous",
                api_id: &url.id,
                domain_name: &url.domain,
                domain_prefix: &url.id,
                http: Http {
                    method: self.parts.method.as_str(),
                    path: percent_encoding::percent_decode_str(raw_path).decode_utf8_lossy(),
                    protocol: format!("{:?}", self.parts.version),
                    source_ip: self.from.ip().to_string(),
                    user_agent: headers.get("user-agent").cloned().unwrap_or_default(),
                },
                request_id: self.request_id.to_string(),
                route_key: "$default",
                stage: "$default",
                time: clf_time(self.at),
                time_epoch: i64::try_from(self.at.unix_timestamp_nanos() / 1_000_000)
                    .unwrap_or_default(),
            },
            headers,
            body,
            is_base64_encoded,
        })
    }

    /// Lower-case names, several values joined with `,`, and what Lambda's front adds.
    fn headers(&self) -> BTreeMap<&str, String> {
        let mut joined: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in &self.parts.headers {
            if is_hop_by_hop(name.as_str()) {
                continue;
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            match joined.get_mut(name.as_str()) {
                // Cookies are one list with a separator of their own.
                Some(values) => {
                    *values = format!(
                        "{values}{}{value}",
                        if name == header::COOKIE { "; " } else { "," }
                    )
                }
                None => {
                    joined.insert(name.as_str(), value.into_owned());
                }
            }
        }
        // A caller cannot choose these.
        joined.insert("x-forwarded-for", self.from.ip().to_string());
        joined.insert("x-forwarded-port", self.to_port.to_string());
        joined.insert("x-forwarded-proto", "http".to_owned());
        joined.insert("x-amzn-trace-id", self.trace_header.to_owned());
        joined
    }

    /// The body as text where the content type says text, else in base64.
    fn body(&self) -> (Option<Cow<'_, str>>, bool) {
        if self.body.is_empty() {
            return (None, false);
        }
        let encoded = self.parts.headers.contains_key(header::CONTENT_ENCODING);
        let content_type = self
            .parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if !encoded && content_type.is_some_and(is_text) {
            // Bytes that are no text despite their content type must arrive unharmed.
            if let Ok(text) = std::str::from_utf8(self.body) {
                return (Some(Cow::Borrowed(text)), false);
            }
        }
        (Some(Cow::Owned(STANDARD.encode(self.body))), true)
    }
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter();
    let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let split = values.flat_map(|value| {
        value
            .split(';')
            .map(|cookie| cookie.trim().to_owned())
            .collect::<Vec<_>>()
    });
    split.filter(|cookie| !cookie.is_empty()).collect()
}

fn query(raw: &str) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
        match joined.get_mut(name.as_ref()) {
            Some(values) => *values = format!("{values},{value}"),
            None => {
                joined.insert(name.into_owned(), value.into_owned());
            }
        }
    }
    joined
}

fn is_text(content_type: &str) -> bool {
    let media_type = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    media_type.starts_with("text/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
        || matches!(
            media_type.as_str(),
            "application/json" | "application/javascript" | "application/xml"
        )
}

/// Headers that belong to one connection.
pub(super) fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// `12/Mar/2020:19:03:58 +0000`.
fn clf_time(at: OffsetDateTime) -> String {
    let form =
        format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    at.format(form).unwrap_or_default()
}

#[cfg(test)]
mod tests;
