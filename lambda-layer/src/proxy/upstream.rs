//! Lambda's side of the proxy, or that of another proxy before it.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Request, Response, Uri, request};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::{Body, ProxyError, remove_hop_by_hop};

/// The Runtime API, over connections that are used again.
#[derive(Debug)]
pub(super) struct Upstream {
    client: Client<HttpConnector, Body>,
    authority: Mutex<Authority>,
}

impl Upstream {
    pub(super) fn new(runtime_api: &str) -> Option<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .http1_preserve_header_case(true)
            // What never reached a connection that had died is sent again; the environment may have been frozen meanwhile.
            .retry_canceled_requests(true)
            .build(connector);
        Some(Self {
            client,
            authority: Mutex::new(runtime_api.parse().ok()?),
        })
    }

    /// From now on the runtime's calls go to `authority`: another proxy, which the exec wrapper found before this one.
    pub(super) fn lead_to(&self, authority: Authority) {
        *self
            .authority
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = authority;
    }

    /// Passes a request on. No time limit: `/next` lasts as long as the environment is frozen.
    pub(super) async fn call(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, ProxyError> {
        let (mut parts, body) = request.into_parts();
        remove_hop_by_hop(&mut parts.headers);
        parts.uri = self.uri(&parts)?;
        if let Some(authority) = parts.uri.authority()
            && let Ok(host) = authority.as_str().parse()
        {
            parts.headers.insert(http::header::HOST, host);
        }
        let is_replayable = parts.method == Method::GET && body.is_end_stream();
        let again = is_replayable.then(|| parts.clone());
        let answer = self.client.request(Request::from_parts(parts, body)).await;
        let mut response = match (answer, again) {
            // A connection that was frozen may break only when its answer is awaited. A GET without an answer can be asked again.
            (Err(error), Some(parts)) if !error.is_connect() => {
                tracing::debug!("a call is made again: {error}");
                let empty = Empty::new().map_err(|never| match never {}).boxed_unsync();
                self.client
                    .request(Request::from_parts(parts, empty))
                    .await?
            }
            (answer, _) => answer?,
        };
        remove_hop_by_hop(response.headers_mut());
        Ok(response)
    }

    fn uri(&self, parts: &request::Parts) -> Result<Uri, http::Error> {
        let authority = self
            .authority
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let path = parts.uri.path_and_query().cloned();
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(authority)
            .path_and_query(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
            .build()
    }
}

/// A body as it comes, nothing done to it.
pub(super) fn boxed<B>(body: B) -> Body
where
    B: hyper::body::Body<Data = Bytes, Error = hyper::Error> + Send + 'static,
{
    body.boxed_unsync()
}
