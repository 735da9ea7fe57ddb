//! How an invocation went, in one word.

use super::open::{Ending, Open};
use crate::telemetry::{Record, Status};

const OUT_OF_MEMORY: &str = "Runtime.OutOfMemory";

/// `baton.invocation_outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    /// The function posted an error.
    Error,
    Timeout,
    OutOfMemory,
    /// The runtime's process ended.
    Crash,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::OutOfMemory => "out_of_memory",
            Self::Crash => "crash",
        }
    }

    /// What the platform says outweighs what the function posted: a process may die after its answer.
    pub(super) fn of(open: &Open) -> Self {
        let records = [open.runtime_done.as_ref(), open.report.as_ref()];
        let records = records.into_iter().flatten();
        if records
            .clone()
            .any(|record| record.status == Status::Timeout)
        {
            return Self::Timeout;
        }
        let has_failed = records
            .clone()
            .any(|record| record.status == Status::Failure);
        let is_error = matches!(open.ending, Some((_, Ending::Failure(_))));
        let mut kinds = records.filter_map(|record| record.error_type.as_deref());
        let kind = kinds.next();
        match kind {
            // One record may call an exit what the other knows better.
            _ if kind == Some(OUT_OF_MEMORY) || kinds.any(|kind| kind == OUT_OF_MEMORY) => {
                Self::OutOfMemory
            }
            Some("Runtime.ExitError") if used_all_memory(open.report.as_ref()) => Self::OutOfMemory,
            Some("Sandbox.Timedout") => Self::Timeout,
            Some("Runtime.ExitError") => Self::Crash,
            Some(kind) if kind.starts_with("Extension.") => Self::Crash,
            Some(kind) if kind.starts_with("Sandbox.") => Self::Crash,
            _ if is_error => Self::Error,
            Some(_) => Self::Error,
            None if has_failed && open.ending.is_none() => Self::Crash,
            None if has_failed => Self::Error,
            None => Self::Ok,
        }
    }

    /// Whether the environment is about to be reset: more is told before it ends.
    pub(super) const fn is_fatal(self) -> bool {
        matches!(self, Self::Timeout | Self::OutOfMemory | Self::Crash)
    }
}

/// Lambda kills a process that asks for too much; some records call that an exit like any other.
fn used_all_memory(report: Option<&Record>) -> bool {
    let metrics = report.map(|report| report.metrics);
    metrics.is_some_and(|it| {
        it.max_memory_used_mb
            .zip(it.memory_mb)
            .is_some_and(|(used, memory)| memory > 0 && used >= memory)
    })
}
