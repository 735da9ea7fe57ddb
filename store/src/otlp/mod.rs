//! OTLP protobuf in, Arrow record batches of the table `baton_data.spans` out.
//!
//! The request is walked on the wire and written into columns at once: no tree of it is ever built. What comes out is counted
//! against a bound: a small body cannot grow into a large memory. What the columns hold:
//!
//! - Ids are lower-case hex. A span whose ids have the wrong length or are all zero is rejected and counted; the others of its
//!   request are stored. A parent of zeros is no parent. The ids of links are kept as they came.
//! - Attributes are text, with one type letter each (see [`AttributeType`]). The last of several values of one key wins.
//! - Times beyond the year 2262 do not fit the column: they are set to its last nanosecond, and the sender gets a warning.
//! - Numbers of kinds and status codes that OTLP does not name stay as digits.

mod attributes;
mod columns;
mod decode;
mod elements;
mod error;
mod json;
mod nested;
mod origin;
pub(crate) mod schema;
mod span;
mod texts;
mod wire;

pub use attributes::AttributeType;
pub use columns::SpanBatch;
pub(crate) use decode::decode_within;
pub use decode::{Decoded, decode};
pub use error::DecodeError;
pub(crate) use wire::Fields;
