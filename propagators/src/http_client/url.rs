//! What a span may say of a URL (<https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/>).

use std::borrow::Cow;

/// The values of these are left out: they are as good as a password. The conventions' list, and AWS's newer names.
pub(super) const SENSITIVE: [&str; 8] = [
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
    "X-Goog-Credential",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
];
const REDACTED: &str = "REDACTED";
/// A URL may be a whole document.
const MAX_BYTES: usize = 4 << 10;

/// Host and port, the port by the scheme where the URL names none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) address: Option<String>,
    pub(super) port: Option<u16>,
}

/// The parts of `scheme://authority/path?query#fragment`.
struct Parts<'u> {
    /// With what stands between it and the authority.
    scheme: &'u str,
    authority: &'u str,
    path: &'u str,
    query: Option<&'u str>,
    fragment: Option<&'u str>,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Self {
        let (url, fragment) = split(url, '#');
        let (url, query) = split(url, '?');
        let start = match url.find("//") {
            // Not those of a path.
            Some(at)
                if at == 0
                    || url
                        .get(..at)
                        .is_some_and(|scheme| scheme.ends_with(':') && !scheme.contains('/')) =>
            {
                at + 2
            }
            _ => 0,
        };
        let (scheme, rest) = url.split_at_checked(start).unwrap_or((url, ""));
        let length = if start == 0 {
            0
        } else {
            rest.find('/').unwrap_or(rest.len())
        };
        let (authority, path) = rest.split_at_checked(length).unwrap_or((rest, ""));
        Self {
            scheme,
            authority,
            path,
            query,
            fragment,
        }
    }

    fn host(&self) -> &'u str {
        self.authority
            .rsplit_once('@')
            .map_or(self.authority, |(_, host)| host)
    }
}

pub(super) fn server(url: &str) -> Server {
    let parts = Parts::of(url);
    let host = parts.host();
    // An IPv6 address has colons of its own.
    let (address, port) = match host.rsplit_once(':') {
        Some((address, port)) if !port.contains(']') => (address, port.parse().ok()),
        _ => (host, None),
    };
    let by_scheme = match parts.scheme {
        "https://" => Some(443),
        "http://" => Some(80),
        _ => None,
    };
    let address = address.trim_start_matches('[').trim_end_matches(']');
    Server {
        address: (!address.is_empty()).then(|| address.to_owned()),
        port: port.or(by_scheme),
    }
}

/// The URL without credentials and without the values of `sensitive` parameters.
pub(super) fn redacted(url: &str, sensitive: &[Cow<'static, str>]) -> String {
    let parts = Parts::of(url);
    let mut text = String::with_capacity(url.len().min(MAX_BYTES));
    text.push_str(parts.scheme);
    if parts.host().len() < parts.authority.len() {
        text.push_str("REDACTED:REDACTED@");
    }
    text.push_str(parts.host());
    text.push_str(parts.path);
    let mut separator = '?';
    for pair in parts.query.into_iter().flat_map(|query| query.split('&')) {
        text.push(separator);
        separator = '&';
        match pair.split_once('=') {
            Some((name, _)) if sensitive.iter().any(|known| known == name) => {
                text.extend([name, "=", REDACTED]);
            }
            _ => text.push_str(pair),
        }
    }
    if let Some(fragment) = parts.fragment {
        text.extend(["#", fragment]);
    }
    text.truncate(text.floor_char_boundary(MAX_BYTES));
    text
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str, address: &str, port: Option<u16>) {
        assert_eq!(redacted(url, &SENSITIVE.map(Cow::Borrowed)), expected);
        let address = (!address.is_empty()).then(|| address.to_owned());
        assert_eq!(server(url), Server { address, port }, "{url}");
    }

    #[test]
    fn urls() {
        for (url, address, port) in [
            ("https://api.example/", "api.example", Some(443)),
            ("http://api.example", "api.example", Some(80)),
            (
                "http://api.example:8080/a//b?c=d&e#f",
                "api.example",
                Some(8080),
            ),
            ("https://[::1]/", "::1", Some(443)),
            ("https://[::1]:8443/", "::1", Some(8443)),
            ("ftp://api.example/", "api.example", None),
            ("//api.example/orders", "api.example", None),
            ("/orders?to=//nobody@there", "", None),
            ("/a//b", "", None),
            ("/a:b//c", "", None),
            ("api.example:443", "", None),
            ("*", "", None),
            ("", "", None),
            ("https://", "", Some(443)),
            ("https://api.example:99999/", "api.example", Some(443)),
            (
                "https://api.example/?a=b?c=d&&=e&f==",
                "api.example",
                Some(443),
            ),
            (
                "https://api.example?sign=kept&Sig=kept&SIG",
                "api.example",
                Some(443),
            ),
        ] {
            check(url, url, address, port);
        }
    }

    #[test]
    fn secrets() {
        for (url, expected) in [
            (
                "https://user:pa:ss@api.example/",
                "https://REDACTED:REDACTED@api.example/",
            ),
            (
                "https://token@api.example:8443",
                "https://REDACTED:REDACTED@api.example:8443",
            ),
            (
                "https://a@b@api.example/",
                "https://REDACTED:REDACTED@api.example/",
            ),
            (
                "https://@api.example/",
                "https://REDACTED:REDACTED@api.example/",
            ),
            (
                "https://api.example/?a=1&sig=x%3D&b=2",
                "https://api.example/?a=1&sig=REDACTED&b=2",
            ),
            (
                "https://api.example/?X-Amz-Signature=abc#top",
                "https://api.example/?X-Amz-Signature=REDACTED#top",
            ),
            (
                "https://api.example/?sig=a&sig=b",
                "https://api.example/?sig=REDACTED&sig=REDACTED",
            ),
            (
                "https://api.example/@handle?sig=",
                "https://api.example/@handle?sig=REDACTED",
            ),
        ] {
            assert_eq!(redacted(url, &SENSITIVE.map(Cow::Borrowed)), expected);
        }
    }

    #[test]
    fn a_long_one_is_cut_between_characters() {
        let url = format!("https://api.example/{}", "ä".repeat(MAX_BYTES));
        let text = redacted(&url, &[]);
        assert!(text.len() > MAX_BYTES - 2 && text.len() <= MAX_BYTES);
        assert!(url.starts_with(&text));
    }
}
