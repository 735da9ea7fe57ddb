//! Fetches what a fresh clone lacks, once: every part is pinned, checked, and kept in the cache folder.

mod databases;
mod duckdb;
mod emulator;
mod node;
mod python;

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths;

/// What building and the demo need.
pub(crate) fn for_build() -> Result<()> {
    let _lock = lock()?;
    duckdb::ensure()
}

/// What the demo and the tests of `cargo xtask test` need.
pub(crate) fn for_tests() -> Result<()> {
    let _lock = lock()?;
    duckdb::ensure()?;
    python::ensure()
}

/// What `cargo xtask test --all` needs beside it.
pub(crate) fn for_all_tests() -> Result<()> {
    for_tests()?;
    let _lock = lock()?;
    node::ensure()?;
    node::ensure_peers()?;
    python::ensure_peers()?;
    emulator::ensure()?;
    node::ensure_stack()?;
    python::ensure_stack()?;
    databases::ensure()
}

/// Two set-ups at once would write the same folders: the second waits.
fn lock() -> Result<File> {
    let cache = paths::cache();
    fs::create_dir_all(&cache)
        .with_context(|| format!("could not create the cache folder `{}`", cache.display()))?;
    let file = File::create(cache.join("setup.lock"))
        .with_context(|| format!("could not write in `{}`", cache.display()))?;
    file.lock().context("could not lock the set-up")?;
    Ok(file)
}

/// Makes `.deps/NAME` point at `target`.
fn link(name: &str, target: &Path) -> Result<()> {
    let link = paths::deps().join(name);
    if fs::read_link(&link).is_ok_and(|there| there == target) {
        return Ok(());
    }
    fs::create_dir_all(paths::deps())?;
    match fs::symlink_metadata(&link) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(&link)?,
        Ok(_) => fs::remove_file(&link)?,
        Err(_) => {}
    }
    std::os::unix::fs::symlink(target, &link).with_context(|| {
        format!(
            "could not link `{}` to `{}`",
            link.display(),
            target.display()
        )
    })
}

/// Other contents, another name of the folder.
fn key(contents: &[u8]) -> String {
    let digest = Sha256::digest(contents);
    let bytes = digest.iter().take(4);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The file that says a folder of the cache is whole: it is written last.
const COMPLETE: &str = "COMPLETE";

/// Fills the folder `name` of the cache with `fill` unless that was done before, and links it as `.deps/LINK`.
fn once(
    name: &str,
    link_name: &str,
    what: &str,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let dir = paths::cache().join(name);
    if !dir.join(COMPLETE).exists() {
        crate::step::step(what, || {
            if dir.exists() {
                fs::remove_dir_all(&dir)?;
            }
            fs::create_dir_all(&dir)?;
            fill(&dir)?;
            Ok(fs::write(dir.join(COMPLETE), "")?)
        })?;
    }
    link(link_name, &dir)
}
