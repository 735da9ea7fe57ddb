//! What goes into an invocation and what comes out of it.

use std::time::SystemTime;

use bytes::Bytes;
use uuid::Uuid;

use crate::clock::epoch_ms;

/// The most bytes a synchronous invocation may carry in: 6 MiB, as Lambda documents.
pub const MAX_PAYLOAD_BYTES: usize = 6 * 1024 * 1024;

/// One invocation as its caller asks for it.
///
/// ```
/// use local_lambda::InvokeRequest;
///
/// let request = InvokeRequest::new(r#"{"order":7}"#);
/// assert_eq!(request.payload, r#"{"order":7}"#);
/// assert!(request.trace_header.is_none());
/// ```
#[derive(Debug, Clone, Default)]
pub struct InvokeRequest {
    /// The event, handed to the runtime byte for byte.
    pub payload: Bytes,
    /// The client context as JSON text (the Invoke API carries it as base64: decode it first).
    pub client_context: Option<String>,
    /// The caller's `X-Amzn-Trace-Id`; a fresh unsampled root is made when there is none.
    pub trace_header: Option<String>,
    /// Tenant isolation mode only.
    pub tenant_id: Option<String>,
    /// The id of the invocation, which the tries of an asynchronous event share; a new one when absent.
    pub request_id: Option<Uuid>,
}

/// What an invocation gave back.
#[derive(Debug, Clone)]
pub struct InvokeOutput {
    /// The id the runtime saw as `Lambda-Runtime-Aws-Request-Id`.
    pub request_id: Uuid,
    /// The function's answer, or the JSON body of its error.
    pub payload: Bytes,
    /// The runtime's own `Content-Type`; tells an HTTP integration response from plain JSON.
    pub content_type: Option<String>,
    /// Set when the function failed; the payload is then the error's body.
    pub function_error: Option<FunctionError>,
    /// The last 4 KB of what the function wrote, with Lambda's `START`, `END` and `REPORT` lines.
    pub log_tail: String,
    /// Always `$LATEST`.
    pub executed_version: String,
}

/// A failure of the function, as opposed to one of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// How it failed.
    pub kind: FaultKind,
    /// Lambda's name for it, e.g. `Runtime.ExitError` or what the runtime reported.
    pub error_type: String,
}

/// The ways a function can fail. Lambda shows all of them as `X-Amz-Function-Error: Unhandled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The runtime reported an error.
    Error,
    /// The function or an extension ran past the timeout.
    Timeout,
    /// A process ended, or broke the protocol.
    Crash,
    /// The environment used more memory than it has.
    OutOfMemory,
    /// Nothing ran: the init failed twice.
    Init,
}

/// Why no invocation took place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// Every environment is busy and no more may be started.
    #[error(
        "function `{function}` runs its {limit} environments already; expected a free one (raise `concurrency`, or try again)"
    )]
    Throttled {
        /// The function's name.
        function: String,
        /// Its concurrency.
        limit: usize,
    },
    /// The event is too large.
    #[error("payload of `{bytes}` bytes; expected at most {MAX_PAYLOAD_BYTES}")]
    PayloadTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// SnapStart: a hook failed after the restore, or the runtime ended.
    #[error(
        "the snapshot of function `{function}` cannot be restored: `{error_type}`; expected hooks that succeed (see the function's log)"
    )]
    Restore {
        /// The function's name.
        function: String,
        /// What the runtime reported.
        error_type: String,
    },
    /// SnapStart: the restore took longer than 10 s.
    #[error(
        "the snapshot of function `{function}` is not restored after `10 s`; expected hooks that are done by then"
    )]
    RestoreTimeout {
        /// The function's name.
        function: String,
    },
    /// The function is being shut down.
    #[error("function `{function}` is shutting down; expected a running one")]
    Shutdown {
        /// The function's name.
        function: String,
    },
    /// No environment could be set up.
    #[error("cannot start an environment of function `{function}`")]
    Start {
        /// The function's name.
        function: String,
        /// What went wrong.
        #[source]
        source: std::io::Error,
    },
}

// === impl InvokeRequest ===

impl InvokeRequest {
    /// An invocation with nothing but an event.
    #[must_use]
    pub fn new(payload: impl Into<Bytes>) -> Self {
        Self {
            payload: payload.into(),
            ..Self::default()
        }
    }
}

/// The trace header Lambda supplies when the caller sent none: a new root, not sampled.
pub(crate) fn fresh_trace_header() -> String {
    let seconds = epoch_ms(SystemTime::now()) / 1000;
    let (root, parent) = (
        Uuid::new_v4().simple().to_string(),
        Uuid::new_v4().simple().to_string(),
    );
    let root: String = root.chars().take(24).collect();
    let parent: String = parent.chars().take(16).collect();
    format!("Root=1-{seconds:08x}-{root};Parent={parent};Sampled=0")
}
