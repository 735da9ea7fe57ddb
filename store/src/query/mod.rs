//! Runs SQL on a store: on a connection, on its file, or through the `baton serve` that holds it.

mod error;
mod execute;
mod json;
mod json_time;
mod rows;
mod served;
mod source;
mod type_name;

pub use error::QueryError;
pub use execute::execute;
pub(crate) use execute::{Bounds, execute_within, refuse_blank};
pub use rows::{Column, Rows};
pub use source::Source;
