//! HTTP to servers on this machine: a running `serve`, the Runtime API.

/// Begins a client without proxies.
///
/// It speaks no TLS. But where another crate of the same build makes `reqwest` speak it, `reqwest` wants to know with whose
/// cryptography even so: with that of `rustls` and `ring`, unless the process has chosen already.
///
/// ```
/// assert!(baton_store::http_client::builder().build().is_ok());
/// ```
pub fn builder() -> reqwest::ClientBuilder {
    // An error says that there is a choice.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}
