//! Attribute names of Baton's own that only the layer writes: docs/layer.md has the table.

/// `ok`, `error`, `timeout`, `out_of_memory` or `crash`, for an invocation.
pub(crate) const OUTCOME: &str = "baton.invocation.outcome";
/// How long init took.
pub(crate) const INIT_DURATION_MS: &str = "baton.init_duration_ms";
/// How long the restore of a snapshot took.
pub(crate) const RESTORE_DURATION_MS: &str = "baton.restore_duration_ms";
/// What is paid for.
pub(crate) const BILLED_DURATION_MS: &str = "baton.billed_duration_ms";
/// The function's memory.
pub(crate) const MEMORY_MB: &str = "baton.memory_mb";
/// The most memory that was used.
pub(crate) const MAX_MEMORY_USED_MB: &str = "baton.max_memory_used_mb";
