//! One invocation as the processes see it.

use std::time::SystemTime;

use bytes::Bytes;
use tokio::time::Instant;
use uuid::Uuid;

use crate::invocation::InvokeRequest;
use crate::stream::Sink;

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
    /// Where a streamed answer goes while it comes; without it, it is collected.
    pub(crate) sink: Option<Sink>,
}

/// What the runtime posted.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Empty for an answer that went to a [`Sink`].
    pub(crate) payload: Bytes,
    pub(crate) produced_bytes: usize,
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
    /// The answer has begun to arrive. Only [`super::Concurrent`] asks: elsewhere the runtime's state says so.
    pub(crate) answering: bool,
    /// The deadline passed: whatever comes now is too late.
    pub(crate) timed_out: bool,
}

// === impl Invocation ===

impl Invocation {
    pub(crate) fn new(delivery: Delivery) -> Self {
        Self {
            delivery,
            answer: None,
            answering: false,
            timed_out: false,
        }
    }
}
