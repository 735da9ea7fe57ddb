//! The `baton` command as a process.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a run of `baton` left behind.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// Exit code and errors, with the name of the test's folder taken out.
    pub(crate) fn failure(&self, folder: &str) -> String {
        assert_eq!(self.stdout, "", "errors go to stderr");
        format!(
            "{}: {}",
            self.code.unwrap(),
            self.stderr.replace(folder, "DIR").trim_end()
        )
    }
}

/// Runs `baton` to its end.
pub(crate) fn baton(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command
        .args(arguments)
        .env_remove("BATON_STORE")
        .env_remove("COLUMNS")
        .envs(environment.iter().copied());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}
