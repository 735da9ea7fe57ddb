//! The SQS server of the example: `ministack`, as a process of its own on a free loopback port.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

/// A running SQS server; it ends when this is dropped.
#[derive(Debug)]
pub struct SqsServer {
    process: Child,
    endpoint: String,
}

impl SqsServer {
    /// Starts a server with the given Python, its log in `log`, and waits until it answers.
    ///
    /// # Errors
    /// Python or ministack is missing, or the server does not come up in 30 s.
    pub async fn start(python: &Path, log: &Path) -> Result<Self> {
        if !python.exists() {
            bail!(
                "`{}` does not exist, expected a Python with ministack; `cargo xtask setup` makes one",
                python.display()
            );
        }
        let port = free_port()?;
        let output = std::fs::File::create(log)
            .with_context(|| format!("could not write `{}`", log.display()))?;
        let process = Command::new(python)
            .args(["-m", "ministack"])
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start `{} -m ministack`", python.display()))?;
        let mut server = Self {
            process,
            endpoint: format!("http://127.0.0.1:{port}"),
        };
        server.wait_until_ready(log).await?;
        Ok(server)
    }

    /// The endpoint for SQS clients.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A client without tracing, for the example's own bookkeeping.
    pub async fn client(&self) -> aws_sdk_sqs::Client {
        use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::from_env()
            .http_client(http)
            .endpoint_url(&self.endpoint)
            .region("us-east-1")
            .credentials_provider(aws_sdk_sqs::config::Credentials::new(
                "local", "local", None, None, "local",
            ))
            .load()
            .await;
        aws_sdk_sqs::Client::new(&config)
    }

    async fn wait_until_ready(&mut self, log: &Path) -> Result<()> {
        let client = self.client().await;
        for _ in 0..300 {
            if let Some(status) = self.process.try_wait()? {
                bail!(
                    "the SQS server ended with {status}; its log is `{}`",
                    log.display()
                );
            }
            if client.list_queues().send().await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!(
            "the SQS server did not answer at {} within 30 s; its log is `{}`",
            self.endpoint,
            log.display()
        )
    }
}

/// A port that was free a moment ago: ministack takes no `0`.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?.port())
}
