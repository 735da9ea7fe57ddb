//! Lambda's Extensions API and the subscription to its Telemetry API
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>).

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::telemetry::Status;

const ID_HEADER: &str = "Lambda-Extension-Identifier";
const NAME_HEADER: &str = "Lambda-Extension-Name";
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// A registered extension.
#[derive(Debug, Clone)]
pub struct ExtensionsApi {
    client: Client,
    base: String,
    id: String,
}

/// What `/event/next` brings.
///
/// ```
/// use baton_lambda_layer::{Event, Status};
/// let event = Event::parse(r#"{"eventType": "SHUTDOWN", "shutdownReason": "TIMEOUT", "deadlineMs": 1676051031000}"#);
/// assert_eq!(event, Some(Event::Shutdown { deadline_ms: Some(1_676_051_031_000), reason: Status::Timeout }));
/// assert_eq!(Event::parse("no JSON"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An invocation has begun.
    Invoke {
        /// Its id.
        request_id: String,
        /// When it is killed, milliseconds since 1970.
        deadline_ms: Option<u64>,
        /// The X-Ray header that it came with.
        trace_header: Option<String>,
    },
    /// The environment ends.
    Shutdown {
        /// When this process is killed, milliseconds since 1970.
        deadline_ms: Option<u64>,
        /// Whether the function ran into its time-out or its process ended; `Success` where the environment is only not needed any more.
        reason: Status,
    },
    /// An event this version knows nothing of.
    Other(String),
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// No answer.
    #[error("`{call}` had no answer: {source}")]
    NoAnswer {
        /// The path called.
        call: &'static str,
        /// Why.
        source: reqwest::Error,
    },
    /// An answer that is none of those expected.
    #[error("`{call}` answered {status} `{body}`: expected {expected}")]
    Refused {
        /// The path called.
        call: &'static str,
        /// The status.
        status: StatusCode,
        /// The beginning of the body.
        body: String,
        /// What is documented.
        expected: &'static str,
    },
}

impl ApiError {
    /// Whether nobody listens: outside Lambda that means that the environment is gone.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::NoAnswer { source, .. } if source.is_connect())
    }

    /// Whether asking again can help.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if status.is_client_error())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEvent {
    event_type: String,
    request_id: Option<String>,
    // Lambda writes an integer; a fraction must not cost the event.
    deadline_ms: Option<f64>,
    #[serde(default)]
    shutdown_reason: Value,
    #[serde(default)]
    tracing: Value,
}

impl ExtensionsApi {
    /// Registers the extension `name` for `events`.
    ///
    /// # Errors
    /// When Lambda does not answer, or does not answer 200 with an identifier.
    pub async fn register(
        client: Client,
        host: &str,
        name: &str,
        events: &[&str],
    ) -> Result<Self, ApiError> {
        const CALL: &str = "POST /2020-01-01/extension/register";
        let base = format!("http://{host}");
        let request = client
            .post(format!("{base}/2020-01-01/extension/register"))
            .header(NAME_HEADER, name)
            .timeout(CALL_TIMEOUT)
            .body(serde_json::json!({ "events": events }).to_string());
        let response = send(CALL, request).await?;
        let id = response
            .headers()
            .get(ID_HEADER)
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned);
        match id {
            Some(id) if response.status() == StatusCode::OK => Ok(Self { client, base, id }),
            _ => Err(refused(CALL, response, "200 with `Lambda-Extension-Identifier`").await),
        }
    }

    /// Asks for platform records at `port`. `false`: this Lambda has none, as the classic Runtime Interface Emulator.
    ///
    /// # Errors
    /// When Lambda answers anything but 200 or 202.
    pub async fn subscribe(&self, port: u16) -> Result<bool, ApiError> {
        // Managed Instances want the newest one; the older ones are for emulators that know no newer. What is read here is the same
        // in all of them.
        for schema_version in ["2025-01-29", "2022-12-13"] {
            match self.subscribe_to(schema_version, port).await {
                Err(ApiError::Refused { status, .. }) if status == StatusCode::BAD_REQUEST => {}
                answer => return answer,
            }
        }
        self.subscribe_to("2022-07-01", port).await
    }

    async fn subscribe_to(&self, schema_version: &str, port: u16) -> Result<bool, ApiError> {
        const CALL: &str = "PUT /2022-07-01/telemetry";
        let body = serde_json::json!({
            "schemaVersion": schema_version,
            "types": ["platform"],
            "buffering": {"maxItems": 1000, "maxBytes": 262_144, "timeoutMs": 25},
            "destination": {"protocol": "HTTP", "URI": format!("http://sandbox.localdomain:{port}")},
        });
        let request = self
            .client
            .put(format!("{}/2022-07-01/telemetry", self.base))
            .header(ID_HEADER, &self.id)
            .timeout(CALL_TIMEOUT)
            .body(body.to_string());
        let response = send(CALL, request).await?;
        match response.status() {
            StatusCode::OK => Ok(true),
            StatusCode::ACCEPTED => Ok(false),
            _ => Err(refused(CALL, response, "200 or 202").await),
        }
    }

    /// Waits for the next event. The call lasts as long as the environment is frozen, so it has no time limit.
    ///
    /// # Errors
    /// When Lambda answers anything but 200 with an event.
    pub async fn next(&self) -> Result<Event, ApiError> {
        const CALL: &str = "GET /2020-01-01/extension/event/next";
        let request = self
            .client
            .get(format!("{}/2020-01-01/extension/event/next", self.base))
            .header(ID_HEADER, &self.id);
        let response = send(CALL, request).await?;
        let status = response.status();
        let body = text(response).await;
        if status == StatusCode::OK
            && let Some(event) = Event::parse(&body)
        {
            return Ok(event);
        }
        Err(ApiError::Refused {
            call: CALL,
            status,
            body: beginning(&body),
            expected: "200 with an event",
        })
    }
}

async fn send(call: &'static str, request: RequestBuilder) -> Result<Response, ApiError> {
    request
        .send()
        .await
        .map_err(|source| ApiError::NoAnswer { call, source })
}

async fn refused(call: &'static str, response: Response, expected: &'static str) -> ApiError {
    let status = response.status();
    let body = beginning(&text(response).await);
    ApiError::Refused {
        call,
        status,
        body,
        expected,
    }
}

// Lambda is trusted with the size of its answers, not with their content.
async fn text(response: Response) -> String {
    response.text().await.unwrap_or_default()
}

fn beginning(body: &str) -> String {
    body.chars().take(200).collect()
}

impl Event {
    /// Reads an event; a kind that is not known is [`Event::Other`].
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let event: RawEvent = serde_json::from_str(body).ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a saturating cast of milliseconds"
        )]
        let deadline_ms = event.deadline_ms.map(|ms| ms as u64);
        Some(match event.event_type.as_str() {
            "INVOKE" => Self::Invoke {
                request_id: event.request_id.unwrap_or_default(),
                deadline_ms,
                trace_header: event
                    .tracing
                    .get("value")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            },
            "SHUTDOWN" => Self::Shutdown {
                deadline_ms,
                reason: Status::of_shutdown(event.shutdown_reason.as_str().unwrap_or_default()),
            },
            _ => Self::Other(beginning(&event.event_type)),
        })
    }
}

#[cfg(test)]
mod tests;
