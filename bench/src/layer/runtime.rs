//! A runtime that does nothing with its events: `/next`, then an answer, over one connection, as runtimes keep it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const NEXT: &[u8] = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: lambda\r\n\r\n";

pub(super) struct Runtime {
    connection: TcpStream,
    seen: Vec<u8>,
}

/// How long invocations took.
#[derive(Default)]
pub(super) struct Times(Vec<Duration>);

impl Runtime {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self> {
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        Ok(Self {
            connection,
            seen: Vec::with_capacity(16 * 1024),
        })
    }

    /// From asking for an event to knowing that the answer was taken.
    pub(super) async fn invocation(&mut self) -> Result<Duration> {
        let started = Instant::now();
        self.connection.write_all(NEXT).await?;
        let head = self.answer().await?;
        ensure!(head.starts_with("HTTP/1.1 200"), "no event: {head}");
        let id = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("lambda-runtime-aws-request-id")
                .then_some(value)
        });
        let request = format!(
            "POST /2018-06-01/runtime/invocation/{}/response HTTP/1.1\r\nhost: lambda\r\ncontent-length: 25\r\n\r\n{{\"batchItemFailures\": []}}",
            id.context("no request id")?
        );
        self.connection.write_all(request.as_bytes()).await?;
        let head = self.answer().await?;
        ensure!(head.starts_with("HTTP/1.1 202"), "not taken: {head}");
        Ok(started.elapsed())
    }

    /// The head of an answer; its body is read and dropped.
    async fn answer(&mut self) -> Result<String> {
        self.seen.clear();
        loop {
            if self.connection.read_buf(&mut self.seen).await? == 0 {
                bail!("the connection was closed");
            }
            let end = self.seen.windows(4).position(|part| part == b"\r\n\r\n");
            let Some((head, body)) = end.and_then(|end| self.seen.split_at_checked(end + 4)) else {
                continue;
            };
            let head = String::from_utf8_lossy(head).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(head);
            }
        }
    }
}

impl Times {
    pub(super) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The time that such a part of the invocations stayed below.
    pub(super) fn microseconds(&self, part: f64) -> f64 {
        let mut times = self.0.clone();
        times.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index near the end of a short list"
        )]
        let at = (times.len() as f64 * part) as usize;
        let time = times.get(at.min(times.len().saturating_sub(1)));
        time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    }
}
