//! AWS's runtime client for Node, which compiles native code and so needs a few Debian packages; and OpenTelemetry's
//! instrumentations for Node.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::{key, once};
use crate::{paths, step};

/// The newest that runs on Node 20.
const RUNTIME_CLIENT: &str = "aws-lambda-ric@3.3.0";
/// What its native part is built with: the tool to look for, and the package that has it.
const TOOLS: [(&str, &str); 5] = [
    ("cmake", "cmake"),
    ("autoconf", "autoconf"),
    ("automake", "automake"),
    ("libtoolize", "libtool"),
    ("g++", "g++"),
];

pub(crate) fn ensure() -> Result<()> {
    once(
        "node-ric-3.3.0",
        "node",
        "building the Node runtime client (about 2 minutes)",
        |dir| {
            install_missing_tools()?;
            step::quiet(
                Command::new("npm")
                    .args(["install", "--no-audit", "--no-fund", "--prefix"])
                    .arg(dir)
                    .arg(RUNTIME_CLIENT),
            )?;
            Ok(())
        },
    )
}

/// OpenTelemetry's own instrumentations, with the AWS SDK that they instrument.
pub(crate) fn ensure_peers() -> Result<()> {
    packages(
        "node-peers",
        "tests/peers/package.json",
        "installing OpenTelemetry's instrumentations for Node (57 MB)",
    )
}

/// OpenTelemetry's auto-instrumentation, for functions that have it beside the layer, and what they use.
pub(crate) fn ensure_stack() -> Result<()> {
    packages(
        "node-stack",
        "tests/stack/package.json",
        "installing OpenTelemetry's auto-instrumentation for Node (120 MB)",
    )
}

/// What the file `list` asks for, linked as `.deps/NAME`.
fn packages(name: &str, list: &str, what: &str) -> Result<()> {
    let list = paths::root().join(list);
    let pinned = fs::read(&list).with_context(|| format!("could not read `{}`", list.display()))?;
    once(&format!("{name}-{}", key(&pinned)), name, what, |dir| {
        fs::write(dir.join("package.json"), &pinned)?;
        step::quiet(
            Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "--prefix"])
                .arg(dir),
        )?;
        Ok(())
    })
}

fn install_missing_tools() -> Result<()> {
    let missing: Vec<_> = TOOLS
        .iter()
        .filter(|(tool, _)| !on_path(tool))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    eprintln!("installing Debian packages: {list}");
    let update = step::quiet(Command::new("apt-get").arg("update"));
    let install = update.and_then(|_| {
        step::quiet(
            Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["install", "--yes", "--no-install-recommends"])
                .args(&missing),
        )
    });
    match install {
        Ok(_) => Ok(()),
        Err(error) => Err(error).context(format!("the Node runtime client needs `{list}`; install them, for example with `sudo apt-get install {list}`")),
    }
}

fn on_path(tool: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(tool).is_file()))
}
