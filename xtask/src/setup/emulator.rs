//! AWS's Runtime Interface Emulator. AWS publishes it inside of a Python package; nothing else of that is kept.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::once;
use crate::{paths, step};

const PACKAGE: &str = "aws-sam-cli==1.170.0";
/// Where the package has the programs of both architectures.
const FOLDER: &str = "samcli/local/rapid";

pub(crate) fn ensure() -> Result<()> {
    once(
        "emulator-1.170.0",
        "emulator",
        "fetching AWS's Runtime Interface Emulator (8 MB)",
        |dir| {
            let unpacked = dir.join("package");
            // The environment of the tests has a pip that can.
            step::quiet(
                Command::new(paths::deps().join("venv/bin/pip"))
                    .args([
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--no-deps",
                    ])
                    .arg("--target")
                    .arg(&unpacked)
                    .arg(PACKAGE),
            )?;
            let arch = match std::env::consts::ARCH {
                "aarch64" => "arm64",
                other => other,
            };
            let program = unpacked.join(FOLDER).join(format!("aws-lambda-rie-{arch}"));
            let kept = dir.join("aws-lambda-rie");
            fs::copy(&program, &kept)
                .with_context(|| format!("`{PACKAGE}` has no `{}`", program.display()))?;
            make_executable(&kept)?;
            Ok(fs::remove_dir_all(&unpacked)?)
        },
    )
}

fn make_executable(path: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o755),
    )?)
}
