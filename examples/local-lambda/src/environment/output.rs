//! What processes write: to the log file, to telemetry, and to the tail that callers see.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::{mpsc, oneshot};

use crate::sandbox::Sandbox;
use crate::telemetry::Source;

/// A longer line is split, as CloudWatch splits it.
const MAX_LINE_BYTES: usize = 256 * 1024;
/// What the Invoke API shows of the log.
const TAIL_BYTES: usize = 4 * 1024;

/// The log of one environment, over all its restarts.
#[derive(Debug)]
pub(super) struct Output {
    function: String,
    file: Mutex<Option<File>>,
    tail: Mutex<VecDeque<u8>>,
}

/// Asks a reader to read what has been written so far.
pub(super) type DrainRequest = oneshot::Sender<()>;

/// Lines of bounded length; safe to cancel between any two bytes.
struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

// === impl Output ===

impl Output {
    /// Opens `DIRECTORY/<function>/<environment>.log` when there is a directory.
    pub(super) fn open(
        directory: Option<&Path>,
        function: &str,
        environment: &str,
    ) -> io::Result<Self> {
        let file = match directory {
            None => None,
            Some(directory) => {
                let directory = directory.join(function);
                std::fs::create_dir_all(&directory)?;
                let path = directory.join(format!("{environment}.log"));
                Some(OpenOptions::new().create(true).append(true).open(path)?)
            }
        };
        Ok(Self {
            function: function.to_owned(),
            file: Mutex::new(file),
            tail: Mutex::default(),
        })
    }

    /// A line of a process.
    pub(super) fn line(&self, source: Source, text: &str) {
        let mut file = lock(&self.file);
        let line = format!("{} {text}", source.name());
        // One write for a line: lines of several processes do not mix. Lines are short and the page cache takes them.
        match file
            .as_mut()
            .map(|file| file.write_all(format!("{line}\n").as_bytes()))
        {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                tracing::warn!(function = self.function, %error, "the log of this environment ends here");
                *file = None;
            }
            None => tracing::info!(function = self.function, "{line}"),
        }
        drop(file);
        if source == Source::Function {
            self.platform(text);
        }
    }

    /// A line of the platform: it is part of the tail only.
    pub(super) fn platform(&self, text: &str) {
        let mut tail = lock(&self.tail);
        tail.extend(text.as_bytes());
        tail.push_back(b'\n');
        let excess = tail.len().saturating_sub(TAIL_BYTES);
        tail.drain(..excess);
    }

    /// A new invocation: its tail starts empty.
    pub(super) fn clear_tail(&self) {
        lock(&self.tail).clear();
    }

    pub(super) fn tail(&self) -> String {
        String::from_utf8_lossy(lock(&self.tail).make_contiguous()).into_owned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads lines until the process closes its end.
pub(super) async fn read(
    pipe: impl AsyncRead + Unpin,
    source: Source,
    output: Arc<Output>,
    sandbox: Arc<Sandbox>,
    mut drains: mpsc::Receiver<DrainRequest>,
) {
    let mut lines = Lines {
        reader: BufReader::new(pipe),
        line: Vec::new(),
    };
    let take = |text: &str| {
        output.line(source, text);
        sandbox.telemetry.line(source, text);
    };
    loop {
        tokio::select! {
            biased;
            line = lines.next() => match line {
                Some(line) => take(&line),
                None => return,
            },
            Some(done) = drains.recv() => {
                // What was written before the request is in the pipe, but tokio may not have heard of it yet.
                tokio::task::yield_now().await;
                while let Some(Some(line)) = lines.next().now_or_never() {
                    take(&line);
                }
                let _ = done.send(());
            }
        }
    }
}

// === impl Lines ===

impl<R: AsyncRead + Unpin> Lines<R> {
    async fn next(&mut self) -> Option<String> {
        loop {
            // An unreadable pipe is a closed one.
            let buffer = self.reader.fill_buf().await.unwrap_or_default();
            let available = buffer.len();
            if available == 0 {
                return (!self.line.is_empty()).then(|| self.take());
            }
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let room = MAX_LINE_BYTES - self.line.len();
            let length = end.unwrap_or(available).min(room);
            self.line.extend(buffer.iter().take(length));
            let whole = end.is_some_and(|end| end == length);
            self.reader.consume(length + usize::from(whole));
            if whole || self.line.len() == MAX_LINE_BYTES {
                return Some(self.take());
            }
        }
    }

    fn take(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let mut text = String::from_utf8_lossy(&line).into_owned();
        if text.ends_with('\r') {
            text.pop();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(written: &[u8]) -> Vec<String> {
        let mut lines = Lines {
            reader: BufReader::with_capacity(7, written),
            line: Vec::new(),
        };
        let mut all = Vec::new();
        while let Some(line) = lines.next().await {
            all.push(line);
        }
        all
    }

    #[tokio::test]
    async fn lines_are_whole_and_bounded() {
        assert_eq!(
            lines(b"one\r\n\ntwo is longer than a buffer\nrest").await,
            ["one", "", "two is longer than a buffer", "rest"]
        );
        let long = vec![b'x'; MAX_LINE_BYTES + 5];
        let lengths: Vec<usize> = lines(&long).await.iter().map(String::len).collect();
        assert_eq!(lengths, [MAX_LINE_BYTES, 5]);
    }

    #[test]
    fn the_tail_is_bounded() {
        let output = Output::open(None, "f", "e").unwrap();
        for number in 0..1000 {
            output.line(Source::Function, &format!("line {number}"));
        }
        let tail = output.tail();
        assert!(tail.len() <= TAIL_BYTES && tail.ends_with("line 999\n"));
    }
}
