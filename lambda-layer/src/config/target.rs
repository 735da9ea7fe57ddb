//! `BATON_EXPORT`: where spans go.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use reqwest::Url;

/// An OTLP/HTTP receiver.
///
/// ```
/// use baton_lambda_layer::Target;
/// let target = Target::parse("https://example.com/otlp/").unwrap();
/// assert_eq!(target.traces_url().as_str(), "https://example.com/otlp/v1/traces");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    traces_url: Url,
}

/// A base URL that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`BATON_EXPORT` is `{value}`: expected `http://HOST[:PORT]` or `https://HOST[:PORT]`; {hint}"
)]
pub struct TargetError {
    value: String,
    hint: String,
}

const TRACES_PATH: &str = "/v1/traces";

impl Target {
    /// Reads a base URL.
    ///
    /// # Errors
    /// When `base` is no `http` or `https` URL with a host.
    pub fn parse(base: &str) -> Result<Self, TargetError> {
        let refuse = |hint: String| TargetError {
            value: without_password(base),
            hint,
        };
        if !base.contains("://") {
            return Err(refuse(missing_slashes(base)));
        }
        let mut url = Url::parse(base).map_err(|error| refuse(error.to_string()))?;
        match url.scheme() {
            "http" | "https" => {}
            later @ ("grpc" | "grpcs" | "sqs") => {
                return Err(refuse(format!(
                    "`{later}` targets come with a later version, an OTLP/HTTP one usually has port 4318"
                )));
            }
            other => return Err(refuse(format!("nothing is known of the scheme `{other}`"))),
        }
        // People paste the full address as often as the base: `/v1/traces` twice would help nobody.
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix(TRACES_PATH).unwrap_or(path);
        let path = format!("{path}{TRACES_PATH}");
        url.set_path(&path);
        Ok(Self { traces_url: url })
    }

    /// Where requests are posted.
    #[must_use]
    pub fn traces_url(&self) -> &Url {
        &self.traces_url
    }

    /// Whether `address` is what this target names. Names other than `localhost` are not looked up.
    pub(super) fn leads_to(&self, address: SocketAddr) -> bool {
        let host = self.traces_url.host_str().unwrap_or_default();
        let ip = match host.trim_matches(['[', ']']) {
            "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
            ip => ip.parse().ok(),
        };
        ip == Some(address.ip()) && self.traces_url.port_or_known_default() == Some(address.port())
    }

    /// Whether sending needs TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.traces_url.scheme() == "https"
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A query may hold a key.
        let mut url = self.traces_url.clone();
        url.set_query(None);
        f.write_str(&without_password(url.as_str()))
    }
}

fn missing_slashes(base: &str) -> String {
    let rest = base.split_once(":/").map_or(base, |(_, rest)| rest);
    let rest = without_password(rest);
    format!("try `http://{}`", rest.trim_start_matches('/'))
}

fn without_password(url: &str) -> String {
    let (scheme, rest) = match url.find("://") {
        Some(at) => url.split_at(at + 3),
        None => ("", url),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rfind('@') {
        Some(at) => format!("{scheme}…{}", rest.get(at..).unwrap_or_default()),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        for (base, url) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            ("HTTP://h/a/b", "http://h/a/b/v1/traces"),
            ("https://h/v1/traces", "https://h/v1/traces"),
            ("https://h/x?key=1", "https://h/x/v1/traces?key=1"),
            ("http://[::1]:1", "http://[::1]:1/v1/traces"),
        ] {
            assert_eq!(Target::parse(base).unwrap().traces_url().as_str(), url);
        }
    }

    #[test]
    fn refusals() {
        for (base, hint) in [
            ("htp:/x", "try `http://x`"),
            ("localhost:4318", "try `http://localhost:4318`"),
            ("4318", "try `http://4318`"),
            ("http://", "empty host"),
            ("http://h:99999", "invalid port number"),
            ("ftp://h", "nothing is known of the scheme `ftp`"),
            ("grpc://h:4317", "later version"),
            ("sqs://h/1/q", "later version"),
            ("http://a b", "invalid international domain name"),
        ] {
            let error = Target::parse(base).unwrap_err().to_string();
            assert!(error.contains(&format!("`{base}`")), "{error}");
            assert!(error.contains(hint), "{error}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        for base in ["ftp://me:pw@h/x", "me:pw@h", "http://me:pw@h:x"] {
            let error = Target::parse(base).unwrap_err().to_string();
            assert!(!error.contains("pw"), "{error}");
        }
        let target = Target::parse("http://me:pw@h/p?key=pw").unwrap();
        assert_eq!(target.to_string(), "http://…@h/p/v1/traces");
    }
}
