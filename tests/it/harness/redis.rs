//! A Redis server of a test's own, on a free port of 127.0.0.1.

use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::deadline::eventually;
use super::ports;

/// A running server; it ends with this value.
#[derive(Debug)]
pub(crate) struct RedisServer {
    process: Child,
    pub(crate) port: u16,
    _dir: TempDir,
}

impl RedisServer {
    pub(crate) async fn start() -> Self {
        let (dir, port) = (TempDir::new().unwrap(), ports::free());
        let process = Command::new("redis-server")
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--port",
                &port.to_string(),
            ])
            .current_dir(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("`redis-server` is there: `cargo xtask test --all` installs it");
        let server = Self {
            process,
            port,
            _dir: dir,
        };
        eventually("Redis to answer", || async {
            let mut connection = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
            connection.write_all(b"PING\r\n").await.ok()?;
            let mut answer = [0; 7];
            connection.read_exact(&mut answer).await.ok()?;
            (&answer == b"+PONG\r\n").then_some(())
        })
        .await;
        server
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
