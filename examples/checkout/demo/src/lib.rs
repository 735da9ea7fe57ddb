//! Runs the checkout example on local Lambda: five functions with the Baton layer, four queues on an SQS server that others wrote, a
//! payment provider, and the ingest function that keeps the spans. Then asks the store what went wrong.
//!
//! ```text
//! order-api ─▶ orders ─▶ inventory ─▶ payments ─▶ payment ─▶ shipments ─▶ shipping ─▶ notifications ─▶ notification
//! ```

mod answers;
mod cluster;
mod counts;
mod options;
mod provider;
mod queues;
mod report;
mod run;
mod shoppers;
mod sqs_server;
mod store;

pub use answers::Answer;
pub use counts::Counts;
pub use options::Options;
pub use queues::{DEAD_LETTERS, QUEUES, Queues};
pub use report::print;
pub use run::{Outcome, Summary, run};
pub use shoppers::Order;
pub use sqs_server::SqsServer;
pub use store::Store;
