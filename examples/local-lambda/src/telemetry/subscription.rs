//! What an extension may ask of the Telemetry API:
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html>.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

/// The kinds of records an extension wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Types {
    pub(crate) platform: bool,
    pub(crate) function: bool,
    pub(crate) extension: bool,
}

/// When a batch is sent: whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Buffering {
    pub(crate) max_items: usize,
    pub(crate) max_bytes: usize,
    pub(crate) timeout: Duration,
}

/// Where batches go, inside the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// `http://sandbox.localdomain:PORT/…`.
    Http(String),
    /// Newline-delimited JSON.
    Tcp(u16),
}

/// A valid subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) types: Types,
    pub(crate) buffering: Buffering,
    pub(crate) destination: Destination,
    /// Since schema 2022-12-13 a log line in JSON format is delivered as an object.
    pub(crate) json_lines: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    schema_version: String,
    types: Vec<String>,
    buffering: Option<RequestedBuffering>,
    destination: RequestedDestination,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct RequestedBuffering {
    max_items: Option<u64>,
    max_bytes: Option<u64>,
    timeout_ms: Option<u64>,
}

#[derive(Deserialize)]
struct RequestedDestination {
    protocol: String,
    #[serde(rename = "URI")]
    uri: Option<String>,
    port: Option<u16>,
}

// === impl Types ===

impl Types {
    pub(crate) fn names(self) -> Vec<&'static str> {
        let all = [
            (self.platform, "platform"),
            (self.function, "function"),
            (self.extension, "extension"),
        ];
        all.into_iter()
            .filter_map(|(wanted, name)| wanted.then_some(name))
            .collect()
    }

    fn parse(names: &[String]) -> Result<Self, String> {
        let mut types = Self::default();
        for name in names {
            match name.as_str() {
                "platform" => types.platform = true,
                "function" => types.function = true,
                "extension" => types.extension = true,
                other => {
                    return Err(format!(
                        "types: `{other}`; expected `platform`, `function` or `extension`"
                    ));
                }
            }
        }
        if types == Self::default() {
            return Err(
                "types: expected at least one of `platform`, `function`, `extension`".to_owned(),
            );
        }
        Ok(types)
    }
}

// === impl Subscription ===

impl Subscription {
    /// Reads the body of `PUT /2022-07-01/telemetry`; the error is the text of a `ValidationError`.
    ///
    /// Managed Instances take the newest schema alone.
    pub(crate) fn parse(body: &[u8], managed: bool) -> Result<Self, String> {
        let request: Request = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let json_lines = match request.schema_version.as_str() {
            "2025-01-29" => true,
            other if managed => {
                return Err(format!("schemaVersion: `{other}`; expected `2025-01-29`"));
            }
            "2022-07-01" => false,
            "2022-12-13" => true,
            other => {
                let known = "expected `2022-07-01`, `2022-12-13` or `2025-01-29`";
                return Err(format!("schemaVersion: `{other}`; {known}"));
            }
        };
        let wanted = request.buffering.unwrap_or_default();
        let buffering = Buffering {
            max_items: usize_in("maxItems", wanted.max_items, 10_000, 1_000..=10_000)?,
            max_bytes: usize_in("maxBytes", wanted.max_bytes, 262_144, 262_144..=1_048_576)?,
            timeout: Duration::from_millis(number_in(
                "timeoutMs",
                wanted.timeout_ms,
                1_000,
                25..=30_000,
            )?),
        };
        let destination = request.destination.check()?;
        Ok(Self {
            types: Types::parse(&request.types)?,
            buffering,
            destination,
            json_lines,
        })
    }
}

// === impl RequestedDestination ===

impl RequestedDestination {
    fn check(self) -> Result<Destination, String> {
        match (self.protocol.as_str(), self.uri, self.port) {
            ("HTTP", Some(uri), _) => {
                let parsed: http::Uri = uri
                    .parse()
                    .map_err(|error| format!("destination.URI: `{uri}`: {error}"))?;
                let inside = matches!(parsed.host(), Some("sandbox.localdomain" | "sandbox"));
                if parsed.scheme_str() != Some("http") || !inside {
                    return Err(format!(
                        "destination.URI: `{uri}`; expected `http://sandbox.localdomain:PORT`"
                    ));
                }
                if parsed.port_u16() == Some(crate::address::RUNTIME_API_PORT) {
                    return Err(format!(
                        "destination.URI: `{uri}`; port 9001 belongs to the Runtime API"
                    ));
                }
                Ok(Destination::Http(uri))
            }
            ("TCP", _, Some(port)) if port > 0 => Ok(Destination::Tcp(port)),
            ("HTTP", None, _) => Err("destination.URI: missing".to_owned()),
            ("TCP", ..) => Err("destination.port: expected 1 to 65535".to_owned()),
            (other, ..) => Err(format!(
                "destination.protocol: `{other}`; expected `HTTP` or `TCP`"
            )),
        }
    }
}

fn number_in(
    name: &str,
    value: Option<u64>,
    default: u64,
    range: RangeInclusive<u64>,
) -> Result<u64, String> {
    match value {
        None => Ok(default),
        Some(value) if range.contains(&value) => Ok(value),
        Some(value) => Err(format!(
            "buffering.{name}: `{value}`; expected {} to {}",
            range.start(),
            range.end()
        )),
    }
}

fn usize_in(
    name: &str,
    value: Option<u64>,
    default: u64,
    range: RangeInclusive<u64>,
) -> Result<usize, String> {
    number_in(name, value, default, range)
        .map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(buffering: &str, destination: &str) -> Result<Subscription, String> {
        let body = format!(
            r#"{{"schemaVersion":"2022-12-13","types":["platform"],"buffering":{buffering},"destination":{destination}}}"#
        );
        Subscription::parse(body.as_bytes(), false)
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let subscription =
            parse("{}", r#"{"protocol":"HTTP","URI":"http://sandbox:4323"}"#).unwrap();
        let expected = Buffering {
            max_items: 10_000,
            max_bytes: 262_144,
            timeout: Duration::from_secs(1),
        };
        assert_eq!(subscription.buffering, expected);
    }

    #[test]
    fn what_lambda_refuses_is_refused() {
        let good = r#"{"protocol":"HTTP","URI":"http://sandbox.localdomain:4323/logs"}"#;
        assert!(
            parse(
                r#"{"maxItems":1000,"maxBytes":1048576,"timeoutMs":25}"#,
                good
            )
            .is_ok()
        );
        let refused = [
            (r#"{"maxItems":999}"#, good, "maxItems"),
            (r#"{"maxBytes":262143}"#, good, "maxBytes"),
            (r#"{"timeoutMs":24}"#, good, "timeoutMs"),
            (r#"{"timeoutMs":30001}"#, good, "timeoutMs"),
            (
                "{}",
                r#"{"protocol":"HTTP","URI":"http://127.0.0.1:4323"}"#,
                "sandbox.localdomain",
            ),
            (
                "{}",
                r#"{"protocol":"HTTP","URI":"http://sandbox:9001"}"#,
                "9001",
            ),
            ("{}", r#"{"protocol":"UDP"}"#, "protocol"),
            ("{}", r#"{"protocol":"TCP","port":0}"#, "port"),
        ];
        for (buffering, destination, word) in refused {
            let error = parse(buffering, destination).unwrap_err();
            assert!(error.contains(word), "{buffering} {destination}: {error}");
        }
    }
}
