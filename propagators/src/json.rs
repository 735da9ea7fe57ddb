//! Borrowed, lenient reading of JSON: one pass, no tree, nothing validated that is not asked for.
//!
//! What has the wrong type is absent, never an error; what is not needed is skipped as bytes. An event may be megabytes of
//! text that nobody here wants: [`Scan`] steps over it at the speed of `memchr`. `serde_json`'s `RawValue` would look at
//! every such byte once for each level it stands in.

mod block;
mod level;
mod object;
mod raw;
mod scan;
mod string_end;

pub(crate) use level::Level;
pub(crate) use object::{Object, object};
pub(crate) use raw::{Raw, unescape};
pub(crate) use scan::Scan;
