//! OTLP/JSON: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>. A request becomes the protobuf message that says the same.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use serde_json::{Value, json};

use super::reject::Reject;
use crate::writer::Lease;

/// A message built from JSON takes several times its text, so less of it is taken at once than of protobuf.
const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;
/// What `{},` becomes in the worst place.
const GROWTH: usize = 16;

/// The same request in protobuf. The same text gives the same bytes, so it has one key.
pub(super) fn traces(body: &[u8], lease: &mut Lease) -> Result<Vec<u8>, Reject> {
    check_size(body, lease)?;
    let request: ExportTraceServiceRequest = serde_json::from_slice(body).map_err(Reject::Json)?;
    Ok(request.encode_to_vec())
}

/// How many things lie at the end of a path of lists.
pub(super) fn count(body: &[u8], path: &[&[&str]], lease: &mut Lease) -> Result<u64, Reject> {
    check_size(body, lease)?;
    let request: Value = serde_json::from_slice(body).map_err(Reject::Json)?;
    Ok(count_in(&request, path))
}

fn count_in(value: &Value, path: &[&[&str]]) -> u64 {
    let Some((names, path)) = path.split_first() else {
        return 1;
    };
    let found = names.iter().filter_map(|name| value.get(name));
    found
        .map(|found| match found.as_array() {
            Some(list) => list.iter().map(|item| count_in(item, path)).sum(),
            None => count_in(found, path),
        })
        .sum()
}

fn check_size(body: &[u8], lease: &mut Lease) -> Result<(), Reject> {
    if body.len() > MAX_JSON_BYTES {
        return Err(Reject::TooLarge {
            limit_bytes: MAX_JSON_BYTES,
            unpacked: false,
        });
    }
    Ok(lease.grow(body.len() * GROWTH)?)
}

/// `ExportTraceServiceResponse` and its kin.
pub(super) fn response(name: &str, rejected: u64, message: &str) -> Vec<u8> {
    if rejected == 0 && message.is_empty() {
        return b"{}".to_vec();
    }
    // Numbers of 64 bits are texts.
    let partial = json!({name: rejected.to_string(), "errorMessage": message});
    json!({"partialSuccess": partial}).to_string().into_bytes()
}
