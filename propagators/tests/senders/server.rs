//! An AWS-compatible server that others wrote: `ministack`, one per test, on a free port of 127.0.0.1.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

/// A running server; it ends with this value.
pub(crate) struct Server {
    process: Child,
    pub(crate) endpoint: String,
    pub(crate) http: Client,
    /// Working directory and log of the server.
    _dir: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = File::create(dir.path().join("ministack.log")).unwrap();
        let process = Command::new(python())
            .args(["-m", "ministack"])
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .current_dir(dir.path())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut server = Self {
            process,
            endpoint,
            http: client(),
            _dir: dir,
        };
        let health = format!("{}/_ministack/health", server.endpoint);
        eventually("the server", async || {
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended with {ended:?}");
            server.http.get(&health).send().await.ok()
        })
        .await;
        server
    }

    /// A call of the JSON protocol, for services whose SDK nobody needs here.
    pub(crate) async fn json(&self, target: &str, body: &Value) -> Value {
        let request = self
            .http
            .post(&self.endpoint)
            .header("x-amz-target", target);
        let request = request.header("content-type", "application/x-amz-json-1.0");
        let answer = request.body(body.to_string()).send().await.unwrap();
        let text = answer.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{target}: {text}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client without TLS.
pub(crate) fn client() -> Client {
    // In a build of the whole workspace reqwest has TLS and wants a provider to be chosen; an error means that it is.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// Asks until there is an answer.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "waited in vain for {what}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[track_caller]
fn python() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let path = workspace.join(".deps/venv/bin/python");
    assert!(
        path.is_file(),
        "there is no Python environment at `{}`: run `cargo xtask setup`",
        path.display()
    );
    path
}
