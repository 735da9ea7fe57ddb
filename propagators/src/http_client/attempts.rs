//! What the caller can say about a request, in its extensions.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// Counts how often a request was sent, for `http.request.resend_count`.
///
/// Put one into the extensions of an `http::Request` before a layer that retries: clones of the request share it. With
/// `reqwest-middleware` this happens by itself.
///
/// ```
/// use baton_propagators::http_client::Attempts;
///
/// let request = http::Request::get("https://api.example/").extension(Attempts::default()).body(())?;
/// assert!(request.extensions().get::<Attempts>().is_some());
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<AtomicU32>);

impl Attempts {
    /// How often it was sent before.
    pub(super) fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// The path of a request with names in place of what varies: it becomes a part of the span's name, and `url.template`.
///
/// ```
/// use baton_propagators::http_client::UrlTemplate;
///
/// let template = UrlTemplate::new("/orders/{id}");
/// let request = http::Request::get("https://api.example/orders/7").extension(template).body(())?;
/// assert!(request.extensions().get::<UrlTemplate>().is_some());
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UrlTemplate(pub(super) Cow<'static, str>);

impl UrlTemplate {
    /// Of few different values: no ids, no search terms.
    pub fn new(template: impl Into<Cow<'static, str>>) -> Self {
        Self(template.into())
    }
}
