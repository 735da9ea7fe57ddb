//! When to stop.

use tokio::signal::unix::{SignalKind, signal};

use super::error::ServeError;

/// Listens from now on; done at the first SIGTERM or Ctrl-C.
pub(super) fn stop() -> Result<impl Future<Output = ()>, ServeError> {
    let listen = |kind| {
        signal(kind).map_err(|source| ServeError::System {
            what: "a signal handler",
            source,
        })
    };
    let (mut terminate, mut interrupt) = (
        listen(SignalKind::terminate())?,
        listen(SignalKind::interrupt())?,
    );
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
