//! A Python environment of its own for the SQS server of the demo and the tests, and for clients in another language.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::once;
use crate::{paths, step};

pub(crate) fn ensure() -> Result<()> {
    let requirements = paths::root().join("tests/requirements.txt");
    let pinned = fs::read(&requirements)
        .with_context(|| format!("could not read `{}`", requirements.display()))?;
    let python = step::quiet(Command::new("python3").arg("--version"))
        .context("Python 3 is needed for the SQS server of the demo")?;
    // Another Python or another list is another environment.
    let digest = Sha256::digest([pinned.as_slice(), python.trim().as_bytes()].concat());
    let key: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    once(
        &format!("python-{key}"),
        "venv",
        "making a Python environment with an SQS server (15 MB)",
        |dir| fill(dir, &requirements),
    )
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
