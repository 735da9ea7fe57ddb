//! Three threads: one makes requests durable, one makes segments of them, one takes segments into the table.
//!
//! The first writes requests that wait to the log, syncs it once for all of them, and answers: that is the acknowledgement. A request
//! whose key is known is acknowledged and not stored again. The second writes the same spans to a segment, which is sealed when it is
//! large or old enough, or when somebody wants to read. The third takes segments in while few spans come, or many segments wait.
//! `hot/mod.rs` says what lies on the disk.
//!
//! What waits is bounded in number, and in bytes by the [`Lease`] that every request holds until it is in a segment or refused. When
//! the second thread is behind, the first waits for it.

mod budget;
mod committer;
mod handle;
mod intake;
mod sealer;

pub use crate::hot::{Key, Snapshot};
pub use budget::{Budget, Lease};
pub use handle::{Outcome, WriteError, Writer};
