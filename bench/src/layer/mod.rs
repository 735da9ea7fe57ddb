//! The extension: start, what its proxy adds to an invocation, memory, sizes.

mod lambda;
mod runtime;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

use crate::figures::Figures;
use crate::serve::memory_mb;
use lambda::Lambda;
use runtime::{Runtime, Times};

const STARTS: usize = 25;
const INVOCATIONS: usize = 10_000;
/// Direct and proxied invocations take turns in blocks of so many, so that both see the same machine.
const BLOCK: usize = 100;
const BLOCKS: usize = 40;
/// Where memory has come to rest: what is added after it is growth.
const WARM: usize = 1_000;

/// Measures Baton's layer, or any other extension.
pub(crate) async fn measure(extension: Option<PathBuf>) -> Result<Figures> {
    let is_ours = extension.is_none();
    let path = extension.map_or_else(packaged, Ok)?;
    let mut figures = Figures::default();
    starts(&path, &mut figures).await?;
    let mut lambda = Lambda::start().await?;
    let extension = Extension::start(&path, &mut lambda).await?;
    if extension.has_proxy() {
        proxied(&lambda, &extension, &mut figures).await?;
    } else if is_ours {
        bail!(
            "`{}` has no proxy: expected an answer to `--ping`",
            path.display()
        );
    }
    figures.add("binary_mb", vec![megabytes(&path)?], Some("5"));
    if is_ours {
        figures.add("zip_mb", vec![megabytes(&zip()?)?], Some("2.5"));
    }
    Ok(figures)
}

/// The binary in the zip that `cargo xtask package layer` makes.
fn packaged() -> Result<PathBuf> {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    Ok(target()?.join(triple).join("layer/baton-layer"))
}

fn zip() -> Result<PathBuf> {
    let arch = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    Ok(target()?.join(format!("package/baton-layer-{arch}.zip")))
}

/// The folder `target`, in one of whose folders this program lies.
fn target() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent);
    Ok(target.context("this program lies in no folder")?.to_owned())
}

/// From spawn to the first `/event/next`, and the memory that it then has.
async fn starts(path: &Path, figures: &mut Figures) -> Result<()> {
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    let mut lambda = Lambda::start().await?;
    for _ in 0..STARTS {
        let started = Instant::now();
        let mut extension = Extension::start(path, &mut lambda).await?;
        starts.push(started.elapsed().as_secs_f64() * 1e3);
        memory.push(memory_mb(extension.pid()?, "VmRSS")?);
        extension.process.kill().await?;
    }
    figures.add("ready_ms_p50", starts, Some("2.5"));
    figures.add("rss_mb_ready", memory, None);
    Ok(())
}

/// What the proxy adds, and what ten thousand invocations leave behind.
async fn proxied(lambda: &Lambda, extension: &Extension, figures: &mut Figures) -> Result<()> {
    let (direct, proxy) = (lambda.address, extension.proxy);
    let (mut plain, mut through) = (Times::default(), Times::default());
    let mut added_p50 = Vec::new();
    let mut done = 0;
    let mut warm_mb = 0.0;
    let mut straight = Runtime::connect(direct).await?;
    let mut proxied = Runtime::connect(proxy).await?;
    for _ in 0..BLOCKS {
        let (mut block_plain, mut block_through) = (Times::default(), Times::default());
        for _ in 0..BLOCK {
            block_plain.push(straight.invocation().await?);
        }
        for _ in 0..BLOCK {
            block_through.push(proxied.invocation().await?);
            lambda.invocation_done(extension.telemetry).await?;
        }
        done += BLOCK;
        if done == WARM {
            warm_mb = memory_mb(extension.pid()?, "VmRSS")?;
        }
        added_p50.push(block_through.microseconds(0.5) - block_plain.microseconds(0.5));
        plain.extend(block_plain);
        through.extend(block_through);
    }
    for _ in done..INVOCATIONS {
        proxied.invocation().await?;
        lambda.invocation_done(extension.telemetry).await?;
    }
    figures.add("direct_us_p50", vec![plain.microseconds(0.5)], None);
    figures.add("proxy_added_us_p50", added_p50, Some("100"));
    // A block has no 99th percentile worth the name: that of all blocks together counts.
    let added_p99 = through.microseconds(0.99) - plain.microseconds(0.99);
    figures.add("proxy_added_us_p99", vec![added_p99], Some("500"));
    let after_mb = memory_mb(extension.pid()?, "VmRSS")?;
    figures.add("rss_mb_after_10k", vec![after_mb], Some("8"));
    figures.add("rss_mb_growth", vec![after_mb - warm_mb], Some("0"));
    Ok(())
}

/// A running extension, with listeners of its own.
struct Extension {
    process: Child,
    path: PathBuf,
    proxy: SocketAddr,
    telemetry: SocketAddr,
    runtime_api: String,
}

impl Extension {
    /// Starts it and waits for its first `/event/next`.
    async fn start(path: &Path, lambda: &mut Lambda) -> Result<Self> {
        let [proxy, telemetry, otlp] = [free()?, free()?, free()?];
        let runtime_api = lambda.address.to_string();
        let process = Command::new(path)
            .env("AWS_LAMBDA_RUNTIME_API", &runtime_api)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_REGION", "eu-north-1")
            .env("BATON_EXPORT", lambda.receiver())
            .env("BATON_PROXY", proxy.to_string())
            .env("BATON_TELEMETRY", telemetry.to_string())
            .env("BATON_OTLP_HTTP", otlp.to_string())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start `{}`", path.display()))?;
        tokio::time::timeout(Duration::from_secs(20), lambda.next_called())
            .await
            .context("the extension never asked for an event")?;
        Ok(Self {
            process,
            path: path.to_owned(),
            proxy,
            telemetry,
            runtime_api,
        })
    }

    fn pid(&self) -> Result<u32> {
        self.process.id().context("the extension has ended")
    }

    /// Whether it proxies the Runtime API, as Baton's own does.
    fn has_proxy(&self) -> bool {
        let ping = std::process::Command::new(&self.path)
            .arg("--ping")
            .env("AWS_LAMBDA_RUNTIME_API", &self.runtime_api)
            .env("BATON_PROXY", self.proxy.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        self.path.ends_with("baton-layer") && ping.is_ok_and(|status| status.success())
    }
}

fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn megabytes(path: &Path) -> Result<f64> {
    let bytes = std::fs::metadata(path)
        .with_context(|| format!("no `{}`", path.display()))?
        .len();
    #[expect(clippy::cast_precision_loss, reason = "a size in megabytes")]
    Ok(bytes as f64 / 1e6)
}
