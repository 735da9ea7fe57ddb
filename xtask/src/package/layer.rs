//! The layer: the extension and its exec wrapper.
//!
//! The binary is linked statically, so that it runs beside every runtime, whatever C library that brings. What lies below
//! `lambda-layer/wrapper` lies below `/opt` on Lambda.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Arch;
use super::archive::{Entry, write};
use crate::cargo::{binaries, cargo};
use crate::{paths, step};

/// The profile of `Cargo.toml`.
const PROFILE: &str = "layer";
const BINARY: &str = "baton-layer";

pub(super) fn package(arch: Arch) -> Result<()> {
    step::loud(&mut build(arch)?)?;
    let binary = binaries(&format!("{}/{PROFILE}", arch.target())).join(BINARY);
    let mut entries = vec![Entry::program(format!("extensions/{BINARY}"), &binary)?];
    for path in wrappers(&paths::root().join("lambda-layer/wrapper"))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        entries.push(Entry::program(name.into_owned(), &path)?);
    }
    let package = paths::root().join(format!("target/package/{BINARY}-{}.zip", arch.name()));
    write(&package, &entries)?;
    let mib = |path: &Path| -> Result<f64> { Ok(fs::metadata(path)?.len() as f64 / 1e6) };
    eprintln!(
        "✓ {} ({:.2} MB, {:.2} MB unpacked binary)",
        package.display(),
        mib(&package)?,
        mib(&binary)?
    );
    Ok(())
}

/// The same source gives the same bytes wherever it lies: no path of this machine gets into the binary.
fn build(arch: Arch) -> Result<Command> {
    let target = arch.target();
    let mut command = cargo(&[
        "build",
        "--profile",
        PROFILE,
        "--package",
        "baton-lambda-layer",
    ]);
    command.args(["--bin", BINARY, "--target", target]);
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    let flags = [
        "-C".to_owned(),
        "target-feature=+crt-static".to_owned(),
        format!("--remap-path-prefix={}=/baton", paths::root().display()),
        format!("--remap-path-prefix={}=/cargo", home.display()),
    ];
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if arch != Arch::of_this_machine()? {
        let linker = format!(
            "CARGO_TARGET_{}_LINKER",
            target.to_uppercase().replace('-', "_")
        );
        command.env(linker, arch.cross_compiler());
        step::quiet(Command::new("rustup").args(["target", "add", target])).with_context(|| {
            format!("the standard library for `{target}` is needed; other installations of Rust have a package for it")
        })?;
    }
    Ok(command)
}

/// The files of a folder by name.
fn wrappers(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("could not read `{}`", folder.display()))?
    {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}
