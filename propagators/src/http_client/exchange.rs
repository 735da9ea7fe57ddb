//! The requests and responses that the layer knows.

use std::{borrow::Cow, error::Error};

use http::{Extensions, HeaderMap, Method, Request, Response, StatusCode, Version};

use super::failure;

/// A request that [`HttpTracing`](super::HttpTracing) can trace: `http::Request`, `reqwest::Request`.
///
/// ```
/// fn traced<R: baton_propagators::http_client::HttpRequest>(_: &R) {}
/// traced(&http::Request::new("any body"));
/// ```
pub trait HttpRequest: sealed::Sealed {
    #[doc(hidden)]
    fn method(&self) -> &Method;
    /// As absolute as it is known.
    #[doc(hidden)]
    fn url(&self) -> Cow<'_, str>;
    #[doc(hidden)]
    fn headers_mut(&mut self) -> &mut HeaderMap;
    #[doc(hidden)]
    fn extensions(&self) -> Option<&Extensions>;
    /// What kind of error a client of this request had.
    #[doc(hidden)]
    fn kind_of(error: &(dyn Error + 'static)) -> &'static str {
        failure::kind(error)
    }
}

/// A response that [`HttpTracing`](super::HttpTracing) can read: `http::Response`, `reqwest::Response`.
///
/// ```
/// fn read<R: baton_propagators::http_client::HttpResponse>(_: &R) {}
/// read(&http::Response::new("any body"));
/// ```
pub trait HttpResponse: sealed::Sealed {
    #[doc(hidden)]
    fn status(&self) -> StatusCode;
    #[doc(hidden)]
    fn version(&self) -> Version;
}

pub(super) mod sealed {
    pub trait Sealed {}
}

impl<B> sealed::Sealed for Request<B> {}
impl<B> sealed::Sealed for Response<B> {}

impl<B> HttpRequest for Request<B> {
    fn method(&self) -> &Method {
        self.method()
    }

    /// A client of HTTP/1 may be handed the path alone, with the host in a header.
    fn url(&self) -> Cow<'_, str> {
        let uri = self.uri();
        let host = self.headers().get(http::header::HOST);
        match host.and_then(|host| host.to_str().ok()) {
            Some(host) if uri.authority().is_none() => Cow::Owned(format!("//{host}{uri}")),
            _ => Cow::Owned(uri.to_string()),
        }
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    fn extensions(&self) -> Option<&Extensions> {
        Some(self.extensions())
    }
}

impl<B> HttpResponse for Response<B> {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn version(&self) -> Version {
        self.version()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_alone_has_the_host_of_the_header() {
        for (uri, host, expected) in [
            (
                "/orders?page=2",
                Some("api.example:8080"),
                "//api.example:8080/orders?page=2",
            ),
            ("/orders", None, "/orders"),
            (
                "https://api.example/",
                Some("other.example"),
                "https://api.example/",
            ),
        ] {
            let mut request = Request::get(uri);
            if let Some(host) = host {
                request = request.header("host", host);
            }
            assert_eq!(request.body(()).unwrap().url(), expected);
        }
    }
}
