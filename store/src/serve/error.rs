//! Why `serve` could not start or go on.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::schema::OpenError;

/// Why `serve` could not start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Another program listens there.
    #[error("address `{address}` is in use: expected a free port for `{flag}`; stop the other program, or give another, for example `{flag} {}:0`", address.ip())]
    InUse {
        /// The address.
        address: SocketAddr,
        /// The flag it comes from.
        flag: &'static str,
    },
    /// The operating system does not let us listen there.
    #[error(
        "address `{address}` cannot be listened on: {source}; expected an address of this machine for `{flag}`"
    )]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The flag it comes from.
        flag: &'static str,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Others could reach it, and nobody chose a token.
    #[error(
        "address `{address}` can be reached from other machines: expected a loopback address for `{flag}`, or a token of yours with `--token`"
    )]
    Exposed {
        /// The address.
        address: SocketAddr,
        /// The flag it comes from.
        flag: &'static str,
    },
    /// A token that everybody knows.
    #[error(
        "the token is empty: expected some text that is hard to guess, or none for a random one"
    )]
    EmptyToken,
    /// `PATH.serve.json` could not be written.
    #[error("`{}` could not be written: {source}; other commands find this process by it", path.display())]
    Presence {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// No thread, no signal handler.
    #[error("the operating system refused {what}")]
    System {
        /// What was asked of it.
        what: &'static str,
        /// What it says.
        source: std::io::Error,
    },
    /// A connection for queries could not be opened.
    #[error("the store could not be opened for queries")]
    Reader(#[source] duckdb::Error),
    /// DuckDB gave up, for example after the disk was full.
    #[error(
        "the store `{store}` can no longer be written: look above for the reason, check the disk and start again; what was acknowledged is safe"
    )]
    WriterEnded {
        /// The store.
        store: String,
    },
}
