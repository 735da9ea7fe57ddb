//! Keeps spans in DuckDB and answers in SQL.

pub mod doctor;
mod hot;
pub mod http;
pub mod http_client;
pub mod moment;
pub mod otlp;
pub mod query;
pub mod render;
pub mod schema;
pub mod search;
pub mod serve;
pub mod url;
pub mod writer;
