//! A `baton serve` process for the time of a bench.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

pub(crate) struct Serve {
    process: Child,
    otlp: String,
    query: String,
    token: String,
    client: reqwest::Client,
}

impl Serve {
    /// Starts `baton serve` on a new store in `dir`.
    pub(crate) async fn start(dir: &Path) -> Result<Self> {
        let (otlp, http) = (free_address()?, free_address()?);
        let store = dir.join("bench.duckdb");
        let process = Command::new(binary("baton")?)
            .args([
                "serve",
                "--store",
                &format!("duckdb:{}", store.display()),
                "--otlp-http",
                &otlp,
                "--http",
                &http,
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("could not start `baton serve`")?;
        let note = store.with_extension("duckdb.serve.json");
        for _ in 0..500 {
            if let Some(token) = std::fs::read(&note)
                .ok()
                .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
            {
                let token = token
                    .get("token")
                    .and_then(Value::as_str)
                    .context("no token in the serve file")?
                    .to_owned();
                let (otlp, query) = (
                    format!("http://{otlp}/v1/traces"),
                    format!("http://{http}/v1/sql"),
                );
                return Ok(Self {
                    process,
                    otlp,
                    query,
                    token,
                    client: reqwest::Client::new(),
                });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!(
            "`baton serve` did not write `{}` within 10 s",
            note.display()
        )
    }

    /// One connection to it.
    pub(crate) fn sender(&self) -> Sender {
        Sender {
            url: self.otlp.clone(),
            client: reqwest::Client::new(),
        }
    }

    /// The rows of a query.
    pub(crate) async fn rows(&self, sql: &str) -> Result<Vec<Value>> {
        let request = self
            .client
            .post(&self.query)
            .bearer_auth(&self.token)
            .json(&json!({ "sql": sql, "params": [] }));
        let answer: Value = request.send().await?.json().await?;
        match answer.get("rows").and_then(Value::as_array) {
            Some(rows) => Ok(rows.clone()),
            None => bail!("`{sql}` was answered with {answer}"),
        }
    }

    /// Processor time that it used so far.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(
            &self
                .process
                .id()
                .context("`baton serve` has ended")?
                .to_string(),
        )
    }

    /// SIGTERM, and its end.
    pub(crate) async fn terminate(&mut self) -> Result<()> {
        let pid = self.process.id().context("`baton serve` has ended")?;
        let pid = nix::unistd::Pid::from_raw(pid.try_into()?);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
        let status = self.process.wait().await?;
        anyhow::ensure!(status.success(), "`baton serve` ended with {status}");
        Ok(())
    }

    /// The most memory that the process had resident, in MB.
    pub(crate) fn peak_memory_mb(&self) -> Result<f64> {
        peak_memory_mb(self.process.id().context("`baton serve` has ended")?)
    }
}

/// One connection to a `baton serve`.
pub(crate) struct Sender {
    url: String,
    client: reqwest::Client,
}

impl Sender {
    /// Sends one request and waits until it is acknowledged.
    pub(crate) async fn send(&self, body: Vec<u8>) -> Result<()> {
        let body = bytes::Bytes::from(body);
        loop {
            let request = self
                .client
                .post(&self.url)
                .header("content-type", "application/x-protobuf")
                .body(body.clone());
            let status = request.send().await?.status().as_u16();
            match status {
                200 => return Ok(()),
                429 | 503 => tokio::time::sleep(Duration::from_millis(50)).await,
                other => bail!("the store answered {other}"),
            }
        }
    }
}

/// User and system time of a process, or of `self`. A tick is a hundredth of a second on every Linux of today.
pub(crate) fn cpu_seconds(pid: &str) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name may hold spaces; what follows it does not. The fields are numbered from 1, and the name is the second.
    let (_, rest) = stat.rsplit_once(')').context("no name in /proc/PID/stat")?;
    let times = rest.split_whitespace().skip(11).take(2);
    let ticks: f64 = times.filter_map(|time| time.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

/// `VmHWM` of a process.
pub(crate) fn peak_memory_mb(pid: u32) -> Result<f64> {
    memory_mb(pid, "VmHWM")
}

/// A field of `/proc/PID/status`: `VmHWM` is the most that was resident, `VmRSS` what is now.
pub(crate) fn memory_mb(pid: u32, field: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kilobytes = status.lines().find_map(|line| {
        line.strip_prefix(field)?
            .strip_prefix(':')?
            .trim()
            .strip_suffix(" kB")?
            .trim()
            .parse::<f64>()
            .ok()
    });
    Ok(kilobytes.with_context(|| format!("no {field} in /proc"))? / 1024.0)
}

/// A binary of this workspace, beside this one.
pub(crate) fn binary(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.with_file_name(name);
    if !path.is_file() {
        bail!(
            "`{}` does not exist; `cargo xtask bench` builds it",
            path.display()
        );
    }
    Ok(path)
}

fn free_address() -> Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .to_string())
}
