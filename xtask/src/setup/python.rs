//! Python environments: one with the SQS server of the demo and the tests, one with OpenTelemetry's instrumentations.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::{key, once};
use crate::{paths, step};

/// What the demo and the tests of `cargo xtask test` need.
pub(crate) fn ensure() -> Result<()> {
    environment(
        "venv",
        "tests/requirements.txt",
        "making a Python environment with an SQS server (15 MB)",
    )
}

/// OpenTelemetry's own instrumentations, apart from our things as they are from their users'.
pub(crate) fn ensure_peers() -> Result<()> {
    environment(
        "python-peers",
        "tests/peers/requirements.txt",
        "making a Python environment with OpenTelemetry's instrumentations",
    )
}

/// OpenTelemetry's distro, for functions that have it beside the layer.
pub(crate) fn ensure_stack() -> Result<()> {
    environment(
        "python-stack",
        "tests/stack/requirements.txt",
        "installing OpenTelemetry's distro for Python (63 MB)",
    )
}

/// An environment with what the file `list` asks for, linked as `.deps/LINK`.
fn environment(link: &str, list: &str, what: &str) -> Result<()> {
    let requirements = paths::root().join(list);
    let pinned = fs::read(&requirements)
        .with_context(|| format!("could not read `{}`", requirements.display()))?;
    let python = step::quiet(Command::new("python3").arg("--version"))
        .context("Python 3 is needed for the SQS server of the demo")?;
    // Another Python or another list is another environment.
    let key = key(&[pinned.as_slice(), python.trim().as_bytes()].concat());
    once(&format!("python-{key}"), link, what, |dir| {
        fill(dir, &requirements)
    })
}

fn fill(dir: &Path, requirements: &Path) -> Result<()> {
    step::quiet(Command::new("python3").args(["-m", "venv"]).arg(dir))?;
    let pip = dir.join("bin/pip");
    step::quiet(
        Command::new(pip)
            .args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(requirements),
    )?;
    Ok(())
}
