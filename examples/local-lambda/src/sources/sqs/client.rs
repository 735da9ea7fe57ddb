//! The SQS client of one queue: which server, which region, whose credentials.

use std::net::IpAddr;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{Credentials, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

/// Scheme and host of a queue's URL.
pub(super) fn endpoint_of(queue_url: &str) -> String {
    let scheme_end = queue_url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = queue_url.split_at(scheme_end);
    format!("{scheme}{}", rest.split('/').next().unwrap_or_default())
}

/// The region in `sqs.REGION.amazonaws.com`, which a signature must name; the configured one for other hosts.
pub(super) fn region_of(endpoint: &str, configured: &str) -> String {
    let host = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, host)| host);
    match host.split('.').collect::<Vec<_>>().as_slice() {
        ["sqs", region, "amazonaws", ..] => (*region).to_owned(),
        _ => configured.to_owned(),
    }
}

fn is_loopback(endpoint: &str) -> bool {
    let Some(host) = endpoint
        .parse::<http::Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
    else {
        return false;
    };
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

/// A client of its own: its connection pool then holds only this queue's long polls.
pub(super) async fn client(endpoint: &str, region: &str) -> Client {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(endpoint))
        .timeout_config(timeouts())
        .region(Region::new(region.to_owned()));
    if is_loopback(endpoint) {
        // A server on this machine checks no signature, so it must not need an AWS account to talk to it.
        let local = Credentials::new("local", "local", None, None, "local-lambda");
        loader = loader.credentials_provider(
            CredentialsProviderChain::first_try(
                "Environment",
                EnvironmentVariableCredentialsProvider::new(),
            )
            .or_else("Local", local),
        );
    }
    let shared = loader.load().await;
    Client::from_conf(
        aws_sdk_sqs::config::Builder::from(&shared)
            .endpoint_url(endpoint)
            .build(),
    )
}

/// A server that hangs is asked again; a long poll lasts 20 s.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build()
}

fn http_client(endpoint: &str) -> SharedHttpClient {
    if endpoint.starts_with("https://") {
        Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https()
    } else {
        Builder::new().build_http()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_the_urls_host() {
        assert_eq!(
            endpoint_of("http://127.0.0.1:4566/000000000000/orders"),
            "http://127.0.0.1:4566"
        );
        let aws = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders";
        assert_eq!(endpoint_of(aws), "https://sqs.eu-central-1.amazonaws.com");
        assert_eq!(region_of(&endpoint_of(aws), "us-east-1"), "eu-central-1");
        assert_eq!(region_of("http://127.0.0.1:4566", "us-east-1"), "us-east-1");
    }

    #[test]
    fn only_this_machine_gets_made_up_credentials() {
        for local in [
            "http://127.0.0.1:4566",
            "http://127.9.9.9",
            "http://localhost:1",
            "http://[::1]:4566",
            "http://sqs.localhost:1",
        ] {
            assert!(is_loopback(local), "{local}");
        }
        for other in [
            "https://sqs.eu-central-1.amazonaws.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
