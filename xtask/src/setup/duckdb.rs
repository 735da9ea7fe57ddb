//! DuckDB's own prebuilt `libduckdb.so`. It comes inside a package of DuckDB's Node client, which has the one place it can be fetched from
//! with a package registry alone; building it from source takes half an hour.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::once;
use crate::{paths, step};

/// The package that holds DuckDB 1.5.5.
const VERSION: &str = "1.5.5-r.5";

struct Build {
    package: &'static str,
    sha256: &'static str,
}

fn for_this_machine() -> Result<Build> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Ok(Build {
            package: "@duckdb/node-bindings-linux-x64",
            sha256: "fc23f12e376c47be520f75221288281906e7942e8fd6f6ce4849198ba60d0405",
        }),
        ("linux", "aarch64") => Ok(Build {
            package: "@duckdb/node-bindings-linux-arm64",
            sha256: "d00d007f3f7ca1f2896a5e4b89c2ce141bf0508506a9d6d56f9598b8e59d074e",
        }),
        (os, arch) => bail!(
            "no prebuilt DuckDB library is pinned for `{os}` on `{arch}`, expected `linux` on `x86_64` or `aarch64`; set DUCKDB_LIB_DIR to a folder with libduckdb 1.5.5"
        ),
    }
}

pub(crate) fn ensure() -> Result<()> {
    if let Some(dir) = paths::users_duckdb() {
        eprintln!("✓ DuckDB from DUCKDB_LIB_DIR: {}", dir.display());
        return Ok(());
    }
    once(
        "duckdb-1.5.5",
        "duckdb",
        "fetching DuckDB 1.5.5 (23 MB)",
        |dir| {
            let build = for_this_machine()?;
            let package = format!("{}@{VERSION}", build.package);
            let packed = step::quiet(
                Command::new("npm")
                    .args(["pack", "--silent", &package])
                    .current_dir(dir),
            )
            .context("DuckDB's library comes through npm, which comes with Node")?;
            let archive = packed.lines().last().unwrap_or_default().trim().to_owned();
            step::quiet(
                Command::new("tar")
                    .args([
                        "-xzf",
                        &archive,
                        "--strip-components=1",
                        "package/libduckdb.so",
                        "package/LICENSE",
                    ])
                    .current_dir(dir),
            )?;
            fs::remove_file(dir.join(archive))?;
            check(&dir.join("libduckdb.so"), build.sha256)
        },
    )
}

fn check(file: &Path, expected: &str) -> Result<()> {
    let found = Sha256::digest(fs::read(file)?)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    if found != expected {
        bail!(
            "`{}` has the SHA-256 {found}, expected {expected}; the download was altered or damaged, try again",
            file.display()
        );
    }
    Ok(())
}
