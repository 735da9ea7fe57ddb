//! Spans on their way into the file: the folder `PATH.hot` beside it.
//!
//! ```text
//! request ──> N.log ──fsync──> acknowledged ──> N.parquet ──> the table in PATH
//!             as it came                        segment        taken in
//! ```
//!
//! - A **log** holds whole requests, each with its number, its length and its key, the SHA-256 of its body. What was torn off by a
//!   crash does not match its key, and was never acknowledged.
//! - A **segment** holds exactly the spans of the log with its number, as Parquet, and the keys of its requests in the metadata of
//!   the file. It is written under another name, synced and renamed; then the log is removed. Where both are there, the segment counts.
//! - **Taking in** copies the oldest segments into the table, remembers the highest number, and is one transaction: a segment up to
//!   that number is in the table, whether its file is still there or not.
//!
//! So each span is in exactly one place at any moment. Readers of this process see the table and the segments as one: see [`Live`].

mod folder;
mod keys;
mod live;
mod log;
mod recovery;
mod segment;
mod take_in;

pub(crate) use folder::Folder;
pub use keys::Key;
pub(crate) use keys::{Keys, Receipt};
pub(crate) use live::Live;
pub use live::Snapshot;
pub(crate) use log::Log;
pub(crate) use recovery::{recover, seal_again};
pub(crate) use segment::{Segment, SegmentWriter};
pub(crate) use take_in::{forget_old_keys, recent_keys, take_in, taken_in};
