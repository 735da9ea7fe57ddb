//! What became of a message.

use std::time::Duration;

use crate::failure::Failure;

/// How a handler ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    /// It returned an error, panicked, or took too long.
    Failed(Failure),
    /// The consumer stopped before it ended: no fault of the message.
    Stopped(Failure),
}

// ===== impl Outcome =====

impl Outcome {
    pub(super) fn too_long(max: Duration) -> Self {
        let text = format!("dropped: the handler took longer than {max:?}");
        Self::Failed(Failure::new("timeout", text))
    }

    pub(super) fn stopped() -> Self {
        let text = "given back: the worker stopped before the handler ended";
        Self::Stopped(Failure::new("stopped", text))
    }

    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) | Self::Stopped(_) => "failed",
        }
    }

    pub(super) const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Ok => None,
            Self::Failed(failure) | Self::Stopped(failure) => Some(failure),
        }
    }
}
