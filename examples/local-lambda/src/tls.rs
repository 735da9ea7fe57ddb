//! The crypto provider of this process.

/// Chooses ring, unless the process has chosen already.
///
/// Everything here is plain HTTP. But when another crate of the same build turns on TLS in `reqwest`, `reqwest` makes no
/// client at all until somebody has chosen.
pub(crate) fn choose_provider() {
    // An error means that there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
