//! Every answer that is no success.

use prost::Message;

use crate::otlp::DecodeError;
use crate::writer::WriteError;

/// Why a request was not taken: one sentence, one status.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reject {
    /// A path that OTLP does not have.
    #[error("`{path}` is not a path of this receiver: expected `/v1/traces`")]
    NotFound {
        /// As it was asked for.
        path: String,
    },
    /// A method that OTLP does not use.
    #[error("method `{method}` is not for `{path}`: expected `POST`")]
    Method {
        /// As it was asked for.
        method: String,
        /// Where.
        path: String,
    },
    /// Something else than OTLP.
    #[error(
        "content type `{found}` is not taken: expected `application/x-protobuf` or `application/json`; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
    )]
    ContentType {
        /// As it was given; empty when it was not.
        found: String,
    },
    /// Packed in a way that is not known here.
    #[error(
        "content encoding `{found}` is not taken: expected `gzip`, `zstd` or none; set OTEL_EXPORTER_OTLP_COMPRESSION=gzip"
    )]
    Encoding {
        /// As it was given.
        found: String,
    },
    /// A body beyond the bound, before or after it was unpacked.
    #[error("the body is larger than {limit_bytes} bytes{}: send fewer spans in one request", if *.unpacked { " when unpacked" } else { "" })]
    TooLarge {
        /// The bound.
        limit_bytes: usize,
        /// Was it small as it came?
        unpacked: bool,
    },
    /// A body that is not packed as it says.
    #[error("the body is no {encoding} stream: {source}; expected what `content-encoding` says")]
    Packed {
        /// What it says.
        encoding: &'static str,
        /// What the decoder met.
        source: std::io::Error,
    },
    /// A body that says it is JSON.
    #[error("the body is no OTLP request in JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// A body that is not what its content type says.
    #[error("{0}")]
    Decode(#[from] DecodeError),
    /// The body stopped coming, as it does when a function is frozen while it sends. It may come again.
    #[error("the body took longer than {limit_s} s: send it again")]
    Slow {
        /// The bound.
        limit_s: u64,
    },
    /// The connection ended within the body.
    #[error("the body did not arrive: {reason}")]
    Body {
        /// What happened.
        reason: String,
    },
    /// No or the wrong token, where one is needed.
    #[error(
        "no valid token: expected the header `Authorization: Bearer TOKEN` with the token that `serve` was given"
    )]
    Unauthorized,
    /// The writer did not take it.
    #[error("{0}")]
    Write(#[from] WriteError),
    /// A task of this process broke.
    #[error("the request could not be worked on: {reason}")]
    Internal {
        /// What happened.
        reason: String,
    },
}

/// <https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto>, without details.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

impl Reject {
    /// The HTTP status. The sender tries again after 429 and 503 alone; what could not be stored now is a 503, never a 500.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.codes().0
    }

    /// Is the sender to come back?
    pub(super) fn is_temporary(&self) -> bool {
        self.http_status() == 503
    }

    /// The HTTP status and the code of <https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto>.
    fn codes(&self) -> (u16, i32) {
        match self {
            Self::NotFound { .. } => (404, 5),
            Self::Method { .. } => (405, 12),
            Self::ContentType { .. } | Self::Encoding { .. } => (415, 3),
            Self::TooLarge { .. } => (413, 8),
            Self::Decode(error) if error.is_too_large() => (413, 8),
            Self::Packed { .. } | Self::Json(_) | Self::Decode(_) | Self::Body { .. } => (400, 3),
            Self::Unauthorized => (401, 16),
            Self::Write(_) | Self::Slow { .. } | Self::Internal { .. } => (503, 14),
        }
    }

    /// The body and its content type, in the form of the request.
    pub(super) fn body(&self, request_type: &str) -> (&'static str, Vec<u8>) {
        let (code, message) = (self.codes().1, self.to_string());
        match request_type {
            PROTOBUF | SHORT_PROTOBUF => (PROTOBUF, Status { code, message }.encode_to_vec()),
            JSON => (
                JSON,
                serde_json::json!({"code": code, "message": message})
                    .to_string()
                    .into_bytes(),
            ),
            _ => (
                "text/plain; charset=utf-8",
                format!("{message}\n").into_bytes(),
            ),
        }
    }
}

pub(super) const PROTOBUF: &str = "application/x-protobuf";
/// Some exporters leave `x-` away.
pub(super) const SHORT_PROTOBUF: &str = "application/protobuf";
pub(super) const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;

    /// A function that is frozen while it sends wakes up to this answer: it must not throw its spans away.
    #[test]
    fn what_may_be_sent_again() {
        let temporary = [
            Reject::Slow { limit_s: 30 },
            Reject::Write(WriteError::Busy),
            Reject::Write(WriteError::Closed),
        ];
        assert!(temporary.iter().all(Reject::is_temporary));
        let reason = "it ended".into();
        assert_eq!(Reject::Body { reason }.http_status(), 400);
    }

    #[test]
    fn a_protobuf_request_gets_a_protobuf_answer() {
        for content_type in [PROTOBUF, SHORT_PROTOBUF] {
            let (answered, body) = Reject::Unauthorized.body(content_type);
            assert_eq!(answered, PROTOBUF);
            assert_eq!(Status::decode(body.as_slice()).unwrap().code, 16);
        }
    }
}
