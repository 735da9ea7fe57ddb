//! A zip whose bytes depend on nothing but its files: fixed times, fixed order, one compression.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// One file of an archive.
pub(super) struct Entry {
    name: String,
    bytes: Vec<u8>,
}

// === impl Entry ===

impl Entry {
    /// A file that Lambda executes.
    pub(super) fn program(name: String, path: &Path) -> Result<Self> {
        let bytes =
            fs::read(path).with_context(|| format!("could not read `{}`", path.display()))?;
        Ok(Self { name, bytes })
    }
}

/// Writes the archive, and its folder if need be.
pub(super) fn write(path: &Path, entries: &[Entry]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file =
        File::create(path).with_context(|| format!("could not write `{}`", path.display()))?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut archive = ZipWriter::new(file);
    for entry in entries {
        archive.start_file(&entry.name, options)?;
        archive.write_all(&entry.bytes)?;
    }
    archive.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let folder = std::env::temp_dir().join(format!("baton-archive-{}", std::process::id()));
        let entries = || {
            vec![Entry {
                name: "extensions/x".to_owned(),
                bytes: b"#!/bin/sh\n".repeat(100),
            }]
        };
        let [one, two] = ["one.zip", "two.zip"].map(|name| folder.join(name));
        write(&one, &entries()).unwrap();
        write(&two, &entries()).unwrap();
        assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
        let mut archive = zip::ZipArchive::new(File::open(&one).unwrap()).unwrap();
        let file = archive.by_index(0).unwrap();
        assert_eq!(
            (file.name(), file.unix_mode()),
            ("extensions/x", Some(0o100_755))
        );
        assert!(file.compressed_size() < 100);
        drop(file);
        fs::remove_dir_all(&folder).unwrap();
    }
}
