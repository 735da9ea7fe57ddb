//! What a caller reads when an invocation is cut short.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use uuid::Uuid;

use crate::clock::timestamp;
use crate::invocation::{FaultKind, FunctionError};
use crate::lifecycle::Fault;

/// The log line, the payload and the error of an invocation that ran past its deadline.
pub(super) fn timed_out(request_id: Uuid, timeout: Duration) -> (String, Bytes, FunctionError) {
    let seconds = timeout.as_secs_f64();
    let line = format!(
        "{} {request_id} Task timed out after {seconds:.2} seconds",
        timestamp(SystemTime::now())
    );
    let message =
        format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds");
    let (payload, error) = error_output(FaultKind::Timeout, "Sandbox.Timedout", &message);
    (line, payload, error)
}

/// The same for processes that failed.
pub(super) fn failed(request_id: Uuid, fault: &Fault, in_init: bool) -> (Bytes, FunctionError) {
    let kind = match fault.error_type.as_str() {
        "Runtime.OutOfMemory" => FaultKind::OutOfMemory,
        _ if in_init => FaultKind::Init,
        _ => FaultKind::Crash,
    };
    let message = format!("RequestId: {request_id} {}", fault.message);
    let (payload, error) = error_output(kind, &fault.error_type, &message);
    // A runtime that reported its init error has said it better.
    (
        fault
            .body
            .clone()
            .filter(|body| !body.is_empty())
            .unwrap_or(payload),
        error,
    )
}

pub(super) fn error_output(
    kind: FaultKind,
    error_type: &str,
    message: &str,
) -> (Bytes, FunctionError) {
    let body = serde_json::json!({"errorType": error_type, "errorMessage": message});
    (
        Bytes::from(body.to_string()),
        FunctionError {
            kind,
            error_type: error_type.to_owned(),
        },
    )
}
