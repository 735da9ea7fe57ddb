//! Whether the proxy is there. The exec wrapper asks before it leads a runtime to it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use http::header::HeaderValue;
use http::uri::Authority;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;

use super::call::PING_PATH;
use super::{Body, Proxy};
use crate::config::Config;

const UPSTREAM: &str = "baton-upstream";
const INSTANCE: &str = "baton-instance";
const PONG: &str = "baton-layer";
/// The proxy is on this machine and has nothing to do yet. The environment may be short of processor time all the same.
const PATIENCE: Duration = Duration::from_secs(1);

impl Proxy {
    /// The wrapper is about to start the runtime, and tells what only the runtime's process knows.
    pub(super) fn answer_ping(&self, request: &Request<Incoming>) -> Response<Body> {
        let text = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
        let upstream: Option<Authority> = text(UPSTREAM).and_then(|it| it.parse().ok());
        match upstream {
            // A wrapper that ran twice would lead the proxy to itself. Once events have come it is too late: whoever asks then may
            // have been told to by one of them.
            Some(upstream)
                if upstream.as_str() != self.address.to_string()
                    && !self.invocations.have_begun() =>
            {
                self.upstream.lead_to(upstream);
            }
            _ => {}
        }
        self.invocations.expect_runtime(text(INSTANCE));
        let body = Full::from(PONG).map_err(|never| match never {});
        let mut response = Response::new(body.boxed_unsync());
        let headers: &mut HeaderMap = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        response
    }
}

/// Asks the proxy whether it is there, and tells it what the runtime would call without it. `Some`: the proxy's address.
#[must_use]
pub fn ping(config: &Config) -> Option<SocketAddr> {
    let upstream = config.runtime_api.as_deref()?;
    let stream = TcpStream::connect_timeout(&config.proxy, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let mut request = format!(
        "GET {PING_PATH} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
        config.proxy
    );
    for (name, value) in [
        (UPSTREAM, Some(upstream)),
        (INSTANCE, config.log_stream.as_deref()),
    ] {
        // A header ends with its line.
        if let Some(value) = value.filter(|value| value.bytes().all(|it| it.is_ascii_graphic())) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    request.push_str("\r\n");
    (&stream).write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    (&stream).take(4096).read_to_string(&mut answer).ok()?;
    let is_pong = answer.starts_with("HTTP/1.1 200") && answer.ends_with(PONG);
    is_pong.then_some(config.proxy)
}
