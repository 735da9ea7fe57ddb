//! The binary under test, with its listeners on an address of its own.

use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::lambda::Lambda;

/// An HTTP client for what the tests send themselves.
pub(crate) fn client() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    builder.pool_max_idle_per_host(0).build().unwrap()
}

/// Addresses that no other test uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    pub(crate) otlp: SocketAddr,
    pub(crate) telemetry: SocketAddr,
    pub(crate) proxy: SocketAddr,
}

impl Addresses {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let host = NEXT.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id().to_be_bytes();
        let ip = [127, 128 | process[2], process[3], host];
        let free = || TcpListener::bind(SocketAddr::from((ip, 0))).unwrap();
        let (otlp, telemetry, proxy) = (free(), free(), free());
        Self {
            otlp: otlp.local_addr().unwrap(),
            telemetry: telemetry.local_addr().unwrap(),
            proxy: proxy.local_addr().unwrap(),
        }
    }
}

/// A running `baton-layer`.
pub(crate) struct Layer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Log lines read so far.
    pub(crate) logs: Vec<Value>,
    pub(crate) addresses: Addresses,
}

/// What was left when the process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) logs: Vec<Value>,
    /// The last count line.
    pub(crate) counts: Option<Value>,
}

impl Layer {
    /// Starts the layer and waits until it calls `/next`.
    pub(crate) async fn start(lambda: &mut Lambda, variables: &[(&str, &str)]) -> Self {
        let layer = Self::spawn(lambda, Addresses::new(), variables);
        lambda.next_called().await;
        layer
    }

    pub(crate) fn spawn(lambda: &Lambda, addresses: Addresses, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_baton-layer"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", lambda.address.to_string())
            .env("BATON_OTLP_HTTP", addresses.otlp.to_string())
            .env("BATON_TELEMETRY", addresses.telemetry.to_string())
            .env("BATON_PROXY", addresses.proxy.to_string())
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        Self {
            child,
            lines: BufReader::new(stdout).lines(),
            logs: Vec::new(),
            addresses,
        }
    }

    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id().unwrap()).unwrap()
    }

    /// Posts a protobuf body to `/v1/traces` and returns the status.
    pub(crate) async fn post(&self, body: Vec<u8>) -> u16 {
        let request = client()
            .post(format!("http://{}/v1/traces", self.addresses.otlp))
            .header("content-type", "application/x-protobuf")
            .body(body);
        request.send().await.unwrap().status().as_u16()
    }

    /// One invocation in which the function exports `bodies`; it has ended when this returns.
    pub(crate) async fn invocation(&self, lambda: &mut Lambda, id: &str, bodies: Vec<Vec<u8>>) {
        self.invocation_within(lambda, id, bodies, Duration::from_secs(60))
            .await;
    }

    pub(crate) async fn invocation_within(
        &self,
        lambda: &mut Lambda,
        id: &str,
        bodies: Vec<Vec<u8>>,
        timeout: Duration,
    ) {
        lambda.invoke(id, timeout).await;
        for body in bodies {
            assert_eq!(self.post(body).await, 200);
        }
        lambda.runtime_done(self.addresses.telemetry, id).await;
        lambda.next_called().await;
    }

    /// The next line of output, parsed. Log lines are remembered.
    async fn line(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(Duration::from_secs(60), self.lines.next_line())
            .await
            .expect("the layer writes a line")
            .unwrap()?;
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("JSON: {line}"));
        if value.get("level").is_some() {
            self.logs.push(value.clone());
        }
        Some(value)
    }

    /// Waits for a count line and returns it.
    pub(crate) async fn counts(&mut self) -> Value {
        loop {
            let line = self.line().await.expect("a count line");
            if line.get("baton").is_some() {
                return line;
            }
        }
    }

    /// Waits for a log line that contains `text`.
    pub(crate) async fn logged(&mut self, text: &str) {
        loop {
            let line = self.line().await.unwrap_or_else(|| panic!("no `{text}`"));
            if line.get("level").is_some() && message(&line).contains(text) {
                return;
            }
        }
    }

    /// Sends SHUTDOWN and waits for the end.
    pub(crate) async fn shut_down(self, lambda: &Lambda) -> Ended {
        lambda.shutdown().await;
        self.end().await
    }

    pub(crate) async fn end(mut self) -> Ended {
        let mut counts = None;
        while let Some(line) = self.line().await {
            if line.get("baton").is_some() {
                counts = Some(line);
            }
        }
        Ended {
            code: self.child.wait().await.unwrap().code(),
            logs: self.logs,
            counts,
        }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Ended {
    /// `received`, `sent`, `dropped`, `pending` of the last count line.
    pub(crate) fn spans(&self) -> [u64; 4] {
        let counts = self.counts.as_ref().expect("a count line");
        ["received", "sent", "dropped", "pending"].map(|key| counts[key].as_u64().unwrap())
    }

    pub(crate) fn messages(&self) -> Vec<&str> {
        self.logs.iter().map(message).collect()
    }
}

fn message(line: &Value) -> &str {
    line["message"].as_str().unwrap()
}
