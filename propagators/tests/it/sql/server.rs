//! Database servers of a test's own: in a temporary folder, on a free port of 127.0.0.1, never as root, gone with the test.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

const NOBODY: u32 = 65_534;

pub(crate) struct Server {
    process: Child,
    stop: Signal,
    pub(crate) port: u16,
    _dir: TempDir,
}

impl Server {
    pub(crate) fn postgres() -> Self {
        let bin = |name: &str| tool(name, "postgresql", &postgres_folders());
        let dir = folder();
        let data = dir.path().join("data");
        let mut create = as_nobody(&bin("initdb"), dir.path());
        create.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--pgdata",
        ]);
        run(create.arg(&data));
        let port = free_port();
        let mut serve = as_nobody(&bin("postgres"), dir.path());
        serve
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        serve.args([
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
            "-c",
            "lc_messages=C",
        ]);
        // Quit, not terminate: it does not wait for connections.
        let ready = "database system is ready to accept connections";
        Self::start(serve, ready, Signal::SIGQUIT, port, dir)
    }

    pub(crate) fn mariadb() -> Self {
        let folders = ["/usr/sbin", "/usr/bin"].map(PathBuf::from);
        let bin = |name: &str| tool(name, "mariadb-server-core mariadb-client-core", &folders);
        let dir = folder();
        let data = format!("--datadir={}", dir.path().join("data").display());
        let mut create = as_nobody(&bin("mariadb-install-db"), dir.path());
        run(create.args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            &data,
        ]));
        let port = free_port();
        let mut serve = as_nobody(&bin("mariadbd"), dir.path());
        serve.args([
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--lc-messages=en_US",
            &data,
        ]);
        serve.arg(format!("--port={port}"));
        serve.arg(format!("--socket={}", dir.path().join("socket").display()));
        serve.arg(format!("--pid-file={}", dir.path().join("pid").display()));
        Self::start(serve, "ready for connections", Signal::SIGKILL, port, dir)
    }

    pub(crate) fn redis() -> Self {
        let redis = tool("redis-server", "redis-server", &[PathBuf::from("/usr/bin")]);
        let dir = folder();
        let port = free_port();
        // Its log goes to the standard output, unlike those of the others.
        let mut serve = as_nobody(Path::new("/bin/sh"), dir.path());
        serve.args(["-c", r#"exec "$0" "$@" >&2"#]).arg(redis);
        serve.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
        serve.args(["--save", "", "--appendonly", "no"]);
        Self::start(
            serve,
            "Ready to accept connections",
            Signal::SIGTERM,
            port,
            dir,
        )
    }

    /// Waits for the line of the log that says it is ready.
    fn start(mut serve: Command, ready: &str, stop: Signal, port: u16, dir: TempDir) -> Self {
        let mut process = serve
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let server = Self {
            process,
            stop,
            port,
            _dir: dir,
        };
        let mut seen = String::new();
        while !seen.contains(ready) {
            let read = log.read_line(&mut seen).unwrap();
            assert!(read > 0, "the server ended:\n{seen}");
        }
        // A full pipe would stop it.
        thread::spawn(move || log.read_to_end(&mut Vec::new()));
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let id = i32::try_from(self.process.id()).unwrap();
        kill(Pid::from_raw(id), self.stop).unwrap();
        self.process.wait().unwrap();
    }
}

fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    if is_root(dir.path()) {
        std::os::unix::fs::chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    dir
}

/// A folder that was made here belongs to whoever runs the test.
fn is_root(made_here: &Path) -> bool {
    let owner = fs::metadata(made_here).unwrap().uid();
    owner == 0 || owner == NOBODY
}

fn as_nobody(program: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(dir)
        .env("HOME", dir)
        // A MariaDB that starts removes what others have in the folder for temporary files.
        .env("TMPDIR", dir)
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    if is_root(dir) {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Debian keeps each version in a folder of its own; the newest one serves.
fn postgres_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders
}

fn tool(name: &str, package: &str, folders: &[PathBuf]) -> PathBuf {
    let found = folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("`{name}` is missing: `cargo xtask test --all` installs it, and so does `sudo apt-get install {package}`")
    })
}
