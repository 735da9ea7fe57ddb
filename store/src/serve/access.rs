//! Who may ask: a token, and a `Host` that no web page can forge.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

/// Kept as a hash, so that comparing takes the same time for every wrong token, and nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token([u8; 32]);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    pub(super) fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// `Authorization: Bearer TOKEN`
    pub(super) fn is_in(&self, headers: &HeaderMap) -> bool {
        let value = headers
            .get(AUTHORIZATION)
            .map(HeaderValue::as_bytes)
            .and_then(|value| std::str::from_utf8(value).ok());
        let Some((scheme, token)) = value.and_then(|value| value.split_once(' ')) else {
            return false;
        };
        scheme.eq_ignore_ascii_case("bearer") && Self::of(token.trim()) == *self
    }
}

/// A page whose name was made to resolve to this machine sends that name as `Host`.
pub(super) fn has_loopback_host(headers: &HeaderMap) -> bool {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    is_loopback_name(host)
}

fn is_loopback_name(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let without_port = host
        .rsplit_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok())
        .map_or(host, |(name, _)| name);
    let bare = without_port.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for host in [
            "localhost",
            "LocalHost:8321",
            "127.0.0.1",
            "127.3.2.1:80",
            "[::1]:8321",
            "[::1]",
        ] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com:80",
            "10.0.0.1",
            "[fe80::1]:80",
            "localhost:x",
        ] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }

    #[test]
    fn tokens() {
        let headers = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        let token = Token::of("secret");
        assert!(token.is_in(&headers("Bearer secret")) && token.is_in(&headers("bearer  secret")));
        for wrong in [
            "Bearer",
            "Bearer ",
            "Bearer secre",
            "Basic secret",
            "secret",
        ] {
            assert!(!token.is_in(&headers(wrong)), "{wrong}");
        }
        assert!(!token.is_in(&HeaderMap::new()));
        assert_eq!(format!("{token:?}"), "Token");
    }
}
