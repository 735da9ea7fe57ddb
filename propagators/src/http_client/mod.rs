//! HTTP requests as CLIENT spans, whose context rides in the headers.
//!
//! [`HttpTracing`] is a `tower` layer around any client of `http::Request` (`hyper`, `hyper-util`, what `tower-http` builds),
//! and with the feature `reqwest` around a `reqwest::Client` and a middleware of `reqwest-middleware`, which leaves the call
//! sites as they are. The spans follow OpenTelemetry's stable
//! [HTTP conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client).
//!
//! ```
//! use baton_propagators::http_client::HttpTracing;
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), std::io::Error> {
//! // Any client; this one answers by itself, with what it was sent.
//! let client = service_fn(async |request: Request<String>| {
//!     Ok::<_, std::io::Error>(Response::new(request.into_body()))
//! });
//! let client = HttpTracing::global().layer(client);
//!
//! let request = Request::post("https://api.example/orders").body("tea".to_owned());
//! let response = client.oneshot(request.expect("the request is one")).await?;
//! assert_eq!(response.into_body(), "tea");
//! # Ok(())
//! # }
//! ```
//!
//! # Where it stands
//! Innermost, right around the client: then each try of a retry has a span of its own, and a time-out around it ends the
//! span as `cancelled`.
//!
//! # It leaves alone
//! Bodies in both directions, the response, and every error. A span ends when the head of the response is there, so a body
//! that breaks off later is not its business.

mod attempts;
mod builder;
mod exchange;
mod failure;
#[cfg(feature = "reqwest")]
mod reqwest;
mod service;
mod span;
mod url;

pub use attempts::{Attempts, UrlTemplate};
pub use builder::HttpTracing;
pub use exchange::{HttpRequest, HttpResponse};
pub use service::{ResponseFuture, TracedHttp};
