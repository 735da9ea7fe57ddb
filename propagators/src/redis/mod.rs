//! Commands of the crate [`redis`](https://docs.rs/redis/1) as CLIENT spans.
//!
//! [`RedisTracing`] wraps an asynchronous connection, whichever it is: `MultiplexedConnection`, `ConnectionManager`, a
//! cluster's. What it makes is a connection again, with every command, pipeline and script of the crate. The spans follow
//! OpenTelemetry's [conventions for Redis](https://opentelemetry.io/docs/specs/semconv/db/redis/).
//!
//! ```no_run
//! use baton_propagators::redis::RedisTracing;
//! use redis::AsyncCommands;
//!
//! # async fn run() -> redis::RedisResult<()> {
//! let client = redis::Client::open("redis://127.0.0.1/")?;
//! let connection = client.get_multiplexed_async_connection().await?;
//! let mut connection = RedisTracing::global().server(client.get_connection_info()).connection(connection);
//!
//! // As before, and traced.
//! let _: () = connection.set("stock:sku-1", 3).await?;
//! let left: i64 = connection.get("stock:sku-1").await?;
//! assert_eq!(left, 3);
//! # Ok(())
//! # }
//! ```
//!
//! # It does not trace
//! Blocking connections, and what is no answer to a command: messages of a subscription, `MONITOR`.

mod builder;
mod call;
mod connection;
mod span;
mod words;

pub use builder::RedisTracing;
pub use connection::TracedRedis;
