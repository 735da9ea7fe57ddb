#![doc = include_str!("../../../docs/handler.md")]

mod each_message;
mod future;
mod invocation;
mod layer;
mod message;
mod messages;
mod peek;
mod service;
mod start;
mod traced;

pub use each_message::{EachMessage, each_message};
pub use future::TraceFuture;
pub use invocation::{message_context, message_context_at};
pub use layer::TraceLayer;
pub use message::{BatchItemFailure, BatchResponse, SqsAttribute, SqsBatch, SqsMessage};
pub use service::TraceService;
pub use traced::{Traced, TracedFuture, traced};
