//! Which call of the Runtime API a request is.

use http::Method;

/// Answered by the proxy itself: the exec wrapper asks whether it is there.
pub(super) const PING_PATH: &str = "/baton/ping";

/// The calls that say something about spans. Any version of the API counts; whatever else comes is passed on unseen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call {
    Next,
    Response(String),
    Error(String),
    InitError,
    RestoreError,
    Ping,
    Other,
}

impl Call {
    pub(super) fn of(method: &Method, path: &str) -> Self {
        if path == PING_PATH {
            return Self::Ping;
        }
        let mut parts = path.trim_start_matches('/').split('/');
        let _version = parts.next();
        let rest: Vec<&str> = parts.take(5).collect();
        match (method.as_str(), rest.as_slice()) {
            ("GET", ["runtime", "invocation", "next"]) => Self::Next,
            ("POST", ["runtime", "invocation", id, "response"]) => Self::Response((*id).to_owned()),
            ("POST", ["runtime", "invocation", id, "error"]) => Self::Error((*id).to_owned()),
            ("POST", ["runtime", "init", "error"]) => Self::InitError,
            ("POST", ["runtime", "restore", "error"]) => Self::RestoreError,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls() {
        for (method, path, expected) in [
            (
                Method::GET,
                "/2018-06-01/runtime/invocation/next",
                Call::Next,
            ),
            (
                Method::GET,
                "/2030-01-01/runtime/invocation/next",
                Call::Next,
            ),
            (
                Method::POST,
                "/2018-06-01/runtime/invocation/a-b/response",
                Call::Response("a-b".to_owned()),
            ),
            (
                Method::POST,
                "/2018-06-01/runtime/invocation/a-b/error",
                Call::Error("a-b".to_owned()),
            ),
            (
                Method::POST,
                "/2018-06-01/runtime/init/error",
                Call::InitError,
            ),
            (
                Method::POST,
                "/2018-06-01/runtime/restore/error",
                Call::RestoreError,
            ),
            (Method::GET, "/2018-06-01/runtime/restore/next", Call::Other),
            (
                Method::POST,
                "/2018-06-01/runtime/invocation/next",
                Call::Other,
            ),
            (
                Method::POST,
                "/2018-06-01/runtime/invocation/a/response/b",
                Call::Other,
            ),
            (Method::GET, "/2018-06-01/ping", Call::Other),
            (Method::GET, "/", Call::Other),
            (Method::GET, PING_PATH, Call::Ping),
        ] {
            assert_eq!(Call::of(&method, path), expected, "{method} {path}");
        }
    }
}
