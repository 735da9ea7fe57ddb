//! A Runtime API that is a script: it shows every byte that comes, and answers with every byte it is told.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::layer::Layer;

pub(crate) struct RuntimeApi {
    listener: TcpListener,
}

impl RuntimeApi {
    /// Leads the layer's proxy here, as the exec wrapper does.
    pub(crate) async fn behind(layer: &Layer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ping = format!(
            "GET /baton/ping HTTP/1.1\r\nhost: x\r\nconnection: close\r\nbaton-upstream: {address}\r\nbaton-instance: 2026/11/22/[$LATEST]ab\r\n\r\n"
        );
        let pong = Connection::open(layer.addresses.proxy)
            .await
            .ask(ping.as_bytes())
            .await;
        assert!(pong.ends_with(b"baton-layer"), "{}", text(&pong));
        Self { listener }
    }

    pub(crate) async fn accept(&self) -> Connection {
        let (stream, _) = self.listener.accept().await.unwrap();
        Connection {
            stream,
            seen: Vec::new(),
        }
    }
}

/// One side of a connection.
pub(crate) struct Connection {
    stream: TcpStream,
    seen: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            stream,
            seen: Vec::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next message: head and body, by `content-length` or in chunks with their trailers.
    pub(crate) async fn read(&mut self) -> Vec<u8> {
        loop {
            if let Some(end) = end_of_message(&self.seen) {
                return self.seen.drain(..end).collect();
            }
            assert!(self.more().await > 0, "ended: {}", text(&self.seen));
        }
    }

    /// Reads until `wanted` has come; everything until then.
    pub(crate) async fn read_until(&mut self, wanted: &[u8]) -> Vec<u8> {
        while find(&self.seen, wanted).is_none() {
            assert!(self.more().await > 0, "ended: {}", text(&self.seen));
        }
        std::mem::take(&mut self.seen)
    }

    /// Reads and forgets until the last bytes are these; how many it were.
    pub(crate) async fn drain_until(&mut self, last: &[u8]) -> usize {
        let mut count = 0;
        while !self.seen.ends_with(last) {
            // The end may come in two parts.
            let kept = self.seen.len().min(last.len());
            count += self.seen.len() - kept;
            self.seen.drain(..self.seen.len() - kept);
            assert!(self.more().await > 0, "ended");
        }
        count + self.seen.len()
    }

    /// Whether the other side has closed it, with or without a last message.
    pub(crate) async fn is_closed(&mut self) -> bool {
        while self
            .stream
            .read_buf(&mut self.seen)
            .await
            .is_ok_and(|read| read > 0)
        {}
        true
    }

    pub(crate) async fn ask(mut self, request: &[u8]) -> Vec<u8> {
        self.write(request).await;
        self.read().await
    }

    async fn more(&mut self) -> usize {
        let read = self.stream.read_buf(&mut self.seen);
        let read = tokio::time::timeout(std::time::Duration::from_secs(60), read).await;
        read.expect("bytes come").unwrap_or(0)
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The value of a header, by its name in the case it was written in.
pub(crate) fn header(message: &[u8], name: &str) -> Option<String> {
    let text = text(message);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")))?;
    Some(line.to_owned())
}

pub(crate) fn body(message: &[u8]) -> &[u8] {
    &message[find(message, b"\r\n\r\n").unwrap() + 4..]
}

pub(crate) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

fn end_of_message(bytes: &[u8]) -> Option<usize> {
    let head_end = find(bytes, b"\r\n\r\n")? + 4;
    let head = text(&bytes[..head_end]).to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        let last = find(&bytes[head_end - 2..], b"\r\n0\r\n")? + head_end - 2;
        return Some(find(&bytes[last..], b"\r\n\r\n")? + last + 4);
    }
    let length = head.split("content-length: ").nth(1);
    let length: usize = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
    (bytes.len() >= head_end + length).then_some(head_end + length)
}
