//! The tables and views of a store: opening, migrating, installing.

mod error;
mod held;
mod migrations;
mod store;
mod views;

pub use error::OpenError;
pub(crate) use held::is_open_here;
pub use store::{Settings, Store};
