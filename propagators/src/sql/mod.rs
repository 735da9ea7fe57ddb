#![doc = include_str!("../../../docs/sqlx.md")]

mod builder;
mod comment;
mod connection;
mod database;
mod describe;
mod names;
mod pool;
mod query;
mod rows;
mod scan;
mod scope;
mod span;
mod transaction;

pub use builder::SqlTracing;
pub use connection::{TracedConnection, TracedPoolConnection};
pub use database::{Dialect, Endpoint, TracedDatabase};
pub use pool::TracedPool;
pub use transaction::TracedTransaction;
