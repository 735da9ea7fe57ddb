//! The real binaries as processes.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A `baton serve`; it ends with the test.
pub(crate) struct Serve {
    child: Child,
    pub(crate) otlp_url: String,
    pub(crate) sql_url: String,
}

pub(crate) fn serve_command(store: &Path, otlp_http: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command.args([
        "serve",
        "--otlp-http",
        otlp_http,
        "--http",
        "127.0.0.1:0",
        "--store",
    ]);
    command
        .arg(format!("duckdb:{}", store.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command.env_remove("BATON_STORE");
    command
}

impl Serve {
    /// Comes back when it is ready.
    pub(crate) fn start(store: &Path, otlp_http: &str) -> Self {
        let mut child = serve_command(store, otlp_http).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let mut urls = line
            .split_whitespace()
            .map(|word| word.trim_end_matches([',', ';']))
            .filter(|word| word.starts_with("http://"));
        let (Some(otlp_url), Some(sql_url)) = (urls.next(), urls.next()) else {
            panic!("no ready line: {line}")
        };
        let (otlp_url, sql_url) = (otlp_url.to_owned(), sql_url.to_owned());
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Self {
            child,
            otlp_url,
            sql_url,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing of it runs any more when this comes back.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        terminate(&self.child);
        self.child.wait().unwrap()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn terminate(child: &Child) {
    kill(
        Pid::from_raw(child.id().try_into().unwrap()),
        Signal::SIGTERM,
    )
    .unwrap();
}

/// Runs to its end: exit code and stderr.
pub(crate) fn run(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    (child.wait().unwrap().code(), stderr)
}

/// A port that a process may have again after it was killed. The address keeps others away from it.
pub(crate) fn address_for_long(last: u8) -> String {
    let host = format!("127.77.{}.{last}", std::process::id() % 250);
    let port = TcpListener::bind((host.as_str(), 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    format!("{host}:{port}")
}
