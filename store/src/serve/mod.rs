//! `baton serve`: ingest and the query API in one process.
//!
//! Two listeners: OTLP/HTTP (see [`crate::http`]), and `POST /v1/sql` with `GET /healthz`. A question is
//! `{"sql": "SELECT …", "params": []}` with `Authorization: Bearer TOKEN`; the answer `{"columns": [{"name", "type"}], "rows": [[…]]}`, or
//! `{"error": "…"}`. Queries are one `SELECT` each that can only read spans, are interrupted after 30 s, and have answers of at most 50,000 rows and 128 MiB.
//!
//! While it runs, `PATH.serve.json` (mode 0600) tells the other commands the address and the token. Each answer to OTLP comes
//! after its spans are durable, so a `kill -9` loses nothing that was acknowledged; SIGTERM and Ctrl-C stop accepting, commit what waits, and
//! take the log into the file.

mod access;
mod error;
mod listen;
mod presence;
mod question;
mod server;
mod signals;
mod sql;

pub use error::ServeError;
pub use presence::Presence;
pub use server::{ServeOptions, Server};

/// Serves until SIGTERM or Ctrl-C. Says on stderr when it is ready.
///
/// # Errors
/// See [`ServeError`].
pub async fn run(options: ServeOptions) -> Result<(), ServeError> {
    let stop = signals::stop()?;
    let store = options.store.clone();
    let server = Server::start(options).await?;
    let Presence {
        address, otlp_http, ..
    } = server.presence();
    anstream::eprintln!(
        "serving {store}: OTLP at http://{otlp_http}/v1/traces, SQL at http://{address}/v1/sql; stop with Ctrl-C"
    );
    server.run_until(stop).await
}
