//! One invocation as the processes see it.

use std::time::SystemTime;

use bytes::Bytes;
use tokio::time::Instant;
use uuid::Uuid;

use crate::invocation::InvokeRequest;

/// What `/next` hands out.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) request_id: Uuid,
    /// The nonce of this delivery, `Lambda-Runtime-Invocation-Id`.
    pub(crate) invocation_id: Uuid,
    pub(crate) deadline_ms: u64,
    pub(crate) arn: String,
    pub(crate) trace_header: String,
    pub(crate) request: InvokeRequest,
}

/// What the runtime posted.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) payload: Bytes,
    pub(crate) content_type: Option<String>,
    /// The error type when the runtime reported an error, or the platform refused the response.
    pub(crate) error_type: Option<String>,
    /// When the response began and ended to arrive.
    pub(crate) began: (Instant, SystemTime),
    pub(crate) ended: (Instant, SystemTime),
}

/// A delivery and what became of it.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) delivery: Delivery,
    pub(crate) answer: Option<Answer>,
    /// The deadline passed: whatever comes now is too late.
    pub(crate) timed_out: bool,
}

// === impl Invocation ===

impl Invocation {
    pub(crate) fn new(delivery: Delivery) -> Self {
        Self {
            delivery,
            answer: None,
            timed_out: false,
        }
    }
}
