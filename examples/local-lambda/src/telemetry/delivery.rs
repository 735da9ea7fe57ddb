//! Batches to one subscriber. A receiver that fails loses its batch, and is told so by `platform.logsDropped`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::feed::{Batch, Feed};
use super::hub::Hub;
use super::{Destination, LogsDropped, PlatformRecord};

/// Longest wait for an answer, while the receiver is not frozen.
const PATIENCE: Duration = Duration::from_secs(5);
enum Receiver {
    Http {
        client: reqwest::Client,
        url: String,
    },
    Tcp {
        address: SocketAddr,
        stream: Option<TcpStream>,
    },
}

/// Sends the feed's batches, one at a time, for as long as the environment lives.
pub(super) async fn deliver(
    feed: Arc<Feed>,
    hub: Weak<Hub>,
    address: Ipv4Addr,
    mut frozen: watch::Receiver<bool>,
) {
    let mut receiver = match Receiver::new(&feed.subscription().destination, address) {
        Ok(receiver) => receiver,
        Err(error) => {
            tracing::warn!(%error, "telemetry is not delivered");
            return;
        }
    };
    loop {
        feed.due().await;
        if frozen.wait_for(|frozen| !frozen).await.is_err() {
            return;
        }
        let batch = feed.take();
        let outcome = unfrozen_patience(&mut frozen, receiver.send(&batch)).await;
        let Some((dropped_records, dropped_bytes)) = feed.sent(&batch, outcome.is_ok()) else {
            continue;
        };
        let reason = match outcome {
            Err(error) => format!("could not send events: {error}"),
            Ok(()) => "the receiver is slower than records are made".to_owned(),
        };
        tracing::debug!(dropped_records, reason, "telemetry dropped");
        let Some(hub) = hub.upgrade() else { return };
        hub.emit(&PlatformRecord::LogsDropped(LogsDropped {
            dropped_bytes,
            dropped_records,
            reason,
        }));
    }
}

/// A frozen receiver cannot answer: only time in which it runs counts.
async fn unfrozen_patience(
    frozen: &mut watch::Receiver<bool>,
    sending: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    tokio::pin!(sending);
    loop {
        frozen.borrow_and_update();
        tokio::select! {
            outcome = &mut sending => return outcome,
            () = tokio::time::sleep(PATIENCE) => {}
        }
        let froze_meanwhile = frozen.has_changed().unwrap_or(false) || *frozen.borrow();
        if !froze_meanwhile {
            return Err(format!("no answer within {} s", PATIENCE.as_secs()));
        }
        if frozen.wait_for(|frozen| !frozen).await.is_err() {
            return Err("the environment is gone".to_owned());
        }
    }
}

// === impl Receiver ===

impl Receiver {
    fn new(destination: &Destination, address: Ipv4Addr) -> Result<Self, String> {
        match destination {
            Destination::Tcp(port) => Ok(Self::Tcp {
                address: SocketAddr::from((address, *port)),
                stream: None,
            }),
            Destination::Http(url) => {
                // Port 0 stands for the URL's own. No pool: a thawed peer may have closed its connections.
                let inside = SocketAddr::from((address, 0));
                crate::tls::choose_provider();
                let client = reqwest::Client::builder()
                    .resolve("sandbox.localdomain", inside)
                    .resolve("sandbox", inside)
                    .pool_max_idle_per_host(0)
                    .no_proxy()
                    .build()
                    .map_err(|error| error.to_string())?;
                Ok(Self::Http {
                    client,
                    url: url.clone(),
                })
            }
        }
    }

    async fn send(&mut self, batch: &Batch) -> Result<(), String> {
        match self {
            Self::Http { client, url } => {
                let texts: Vec<&str> = batch
                    .records
                    .iter()
                    .map(|record| record.text.as_str())
                    .collect();
                let body = format!("[{}]", texts.join(","));
                let sequence = STANDARD.encode(Sha256::digest(body.as_bytes()));
                let request = client
                    .post(url.as_str())
                    .header("content-type", "application/json");
                let response = request
                    .header("sequence-id", sequence)
                    .body(body)
                    .send()
                    .await;
                let status = response.map_err(|error| chain(&error))?.status();
                if status.as_u16() >= 400 {
                    Err(format!("http status `{status}`"))
                } else {
                    Ok(())
                }
            }
            Self::Tcp { address, stream } => {
                let connection = match stream {
                    Some(connection) => connection,
                    None => stream.insert(
                        TcpStream::connect(*address)
                            .await
                            .map_err(|error| error.to_string())?,
                    ),
                };
                let lines: String = batch
                    .records
                    .iter()
                    .flat_map(|record| [record.text.as_str(), "\n"])
                    .collect();
                let written = connection.write_all(lines.as_bytes()).await;
                if written.is_err() {
                    *stream = None;
                }
                written.map_err(|error| error.to_string())
            }
        }
    }
}

/// The error with its causes: reqwest's own text stops at "error sending request".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
