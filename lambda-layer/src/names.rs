//! Attribute names of Baton's own that only the layer writes: docs/sql.md has the table, and its view `invocations` reads them.

/// `ok`, `error`, `timeout`, `out_of_memory` or `crash`, for an invocation.
pub(crate) const OUTCOME: &str = "baton.invocation_outcome";
/// How long init took.
pub(crate) const INIT_MS: &str = "baton.init_ms";
/// How long the restore of a snapshot took.
pub(crate) const RESTORE_MS: &str = "baton.restore_ms";
/// What is paid for.
pub(crate) const BILLED_MS: &str = "baton.billed_ms";
/// The function's memory.
pub(crate) const MEMORY_MB: &str = "baton.memory_mb";
/// The most memory that was used.
pub(crate) const MAX_MEMORY_MB: &str = "baton.max_memory_mb";
