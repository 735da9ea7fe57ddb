//! A Python function that writes down what it gets, and the reader of its notes.

use std::path::PathBuf;

use local_lambda::FunctionConfig;
use serde_json::Value;
use tempfile::TempDir;

use super::deadline::eventually;
use super::interpreters::{functions, python};

/// The notes of one function (see `functions/record.py`).
#[derive(Debug)]
pub(crate) struct Recording {
    dir: TempDir,
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self {
            dir: TempDir::new().expect("the system has a folder for temporary files"),
        }
    }

    /// A folder that lives as long as the notes.
    pub(crate) fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// A function that runs `handler` of `functions/` under the Python runtime client and takes its notes here.
    pub(crate) fn function(&self, name: &str, handler: &str) -> FunctionConfig {
        let command = [
            python().to_str().expect("the path is text"),
            "-m",
            "awslambdaric",
            handler,
        ]
        .map(str::to_owned);
        let mut function = FunctionConfig::new(name, command);
        function.handler = handler.to_owned();
        function.task_root = Some(functions());
        function
            .env
            .insert("RECORD".to_owned(), self.file().display().to_string());
        function
            .env
            .insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        function
    }

    /// What was noted so far: one object per invocation.
    pub(crate) fn notes(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        // A last line without its end is still being written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).expect("a note is JSON"))
            .collect()
    }

    /// Waits for at least `count` notes.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Value> {
        let what = format!("{count} invocations, noted in {}", self.file().display());
        eventually(&what, || async {
            Some(self.notes()).filter(|notes| notes.len() >= count)
        })
        .await
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("notes.jsonl")
    }
}
