//! HTTP as a client of ours would speak it.

/// A client without TLS.
pub(crate) fn client() -> reqwest::Client {
    // In a build of the whole workspace reqwest has TLS and wants a provider to be chosen; an error means that it is.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// A GET request.
pub(crate) async fn get(url: &str) -> reqwest::Result<reqwest::Response> {
    client().get(url).send().await
}
