//! The one thread that writes: what waits is committed together, then acknowledged.
//!
//! A request is answered after its transaction is in the file and on the disk: DuckDB syncs its log at commit. Requests that wait
//! while one commit runs go into the next one. A request whose key the store knows is acknowledged and not stored again. When a
//! group fails, its requests are tried one by one, so that a bad one fails alone.
//!
//! What waits is bounded in number, and in bytes by the [`Lease`] that every request holds until it is committed or refused.

mod budget;
mod commit;
mod handle;
mod thread;

pub use budget::{Budget, Lease};
pub use handle::{Key, Outcome, WriteError, Writer};
