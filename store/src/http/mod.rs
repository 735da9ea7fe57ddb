//! OTLP/HTTP: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>.
//!
//! [`Intake::handle`] answers one request, wherever it came from: [`router`] is the server around it, the `ingest` function
//! hands it events. `POST /v1/traces` takes protobuf and JSON, plain, gzip or zstd. Logs and metrics are rejected in full, with a partial success,
//! so that nobody retries them. Every other answer has a sentence in its body: a `google.rpc.Status` for a protobuf or JSON request,
//! else plain text.

mod body;
mod intake;
mod json;
mod reject;
mod router;
mod signals;

pub(crate) use intake::media_type;
pub use intake::{Intake, Request, Response};
pub use reject::Reject;
pub(crate) use router::rejection;
pub use router::router;
