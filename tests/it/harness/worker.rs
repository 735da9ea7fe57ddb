//! The program `worker` of `examples/`, as a process that can be killed.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::binaries::binary;
use super::collector::Collector;
use super::deadline::eventually;
use super::sqs_server::SqsServer;

/// What all workers of a test print, and where they connect to.
#[derive(Debug)]
pub(crate) struct Workers {
    dir: TempDir,
    sqs: String,
    otlp: String,
}

/// One running worker; it ends with this value.
#[derive(Debug)]
pub(crate) struct WorkerProcess(Child);

impl Workers {
    pub(crate) fn new(server: &SqsServer, collector: &Collector) -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            sqs: server.endpoint().to_owned(),
            otlp: collector.endpoint().to_owned(),
        }
    }

    pub(crate) fn start(&self, queue: &str, options: &[&str]) -> WorkerProcess {
        let append = |name: &str| {
            let path = self.dir.path().join(name);
            File::options()
                .create(true)
                .append(true)
                .open(path)
                .unwrap()
        };
        let child = Command::new(binary("worker"))
            .arg(queue)
            .args(options)
            .env("AWS_ENDPOINT_URL_SQS", &self.sqs)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &self.otlp)
            .stdout(append("out.jsonl"))
            .stderr(append("err.log"))
            .spawn()
            .unwrap();
        WorkerProcess(child)
    }

    /// The lines that were printed so far.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.out()).unwrap_or_default();
        // The end of a line may still be to come, or never come after a kill.
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines.collect()
    }

    /// The orders of the lines that say `what`.
    pub(crate) fn orders(&self, what: &str) -> Vec<u64> {
        let lines = self.lines().into_iter();
        lines.filter_map(|line| line[what].as_u64()).collect()
    }

    /// Waits until at least `count` lines say `what`.
    pub(crate) async fn wait_for(&self, what: &str, count: usize) {
        eventually(&format!("{count} orders {what}"), || async {
            (self.orders(what).len() >= count).then_some(())
        })
        .await;
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out.jsonl")
    }
}

impl WorkerProcess {
    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        kill(id, signal).unwrap();
    }

    /// Waits until the process ends by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let child = std::cell::RefCell::new(&mut self.0);
        eventually("the worker to end", || async {
            child.borrow_mut().try_wait().unwrap()
        })
        .await
    }

    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
