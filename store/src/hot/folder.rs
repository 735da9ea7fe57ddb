//! `PATH.hot`: which files lie there.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The folder beside a store's file; it is there while something waits to be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Not finished when its process ended.
    Draft,
    Log,
    Segment,
}

impl Folder {
    /// Of the store in `file`.
    pub(crate) fn beside(file: &Path) -> Self {
        let mut name = std::path::absolute(file)
            .unwrap_or_else(|_| file.to_owned())
            .into_os_string();
        name.push(".hot");
        Self { path: name.into() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn create(&self) -> io::Result<()> {
        if self.path.is_dir() {
            return Ok(());
        }
        fs::create_dir(&self.path)?;
        sync(self.path.parent().unwrap_or(Path::new("/")))
    }

    /// Removes it when nothing is in it.
    pub(crate) fn remove(&self) {
        // Something in it is none of ours, or waits for the next start.
        let _ = fs::remove_dir(&self.path);
    }

    pub(crate) fn log(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:010}.log"))
    }

    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:010}.parquet"))
    }

    pub(super) fn draft(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:010}.draft"))
    }

    /// Makes names durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        sync(&self.path)
    }

    /// Does something wait to be taken in?
    pub(crate) fn is_used(&self) -> bool {
        self.files().is_ok_and(|files| !files.is_empty())
    }

    /// What is there, oldest first. Names of others are left alone.
    pub(super) fn files(&self) -> io::Result<Vec<(u64, Kind)>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            files.extend(parse(Path::new(&entry?.file_name())));
        }
        files.sort_unstable();
        Ok(files)
    }
}

fn parse(name: &Path) -> Option<(u64, Kind)> {
    let kind = match name.extension()?.to_str()? {
        "log" => Kind::Log,
        "parquet" => Kind::Segment,
        "draft" => Kind::Draft,
        _ => return None,
    };
    Some((name.file_stem()?.to_str()?.parse().ok()?, kind))
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let folder = tempfile::tempdir().unwrap();
        let hot = Folder::beside(&folder.path().join("s.duckdb"));
        assert!(!hot.is_used());
        hot.create().unwrap();
        for path in [
            hot.log(12),
            hot.segment(3),
            hot.draft(4),
            hot.path().join("notes.txt"),
        ] {
            fs::write(path, "").unwrap();
        }
        let expected = [(3, Kind::Segment), (4, Kind::Draft), (12, Kind::Log)];
        assert_eq!(hot.files().unwrap(), expected);
        hot.remove();
        assert!(hot.is_used(), "nothing is lost by it");
    }
}
