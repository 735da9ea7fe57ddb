//! `PATH.serve.json`: how other commands find the process that holds the file.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Where `POST /v1/sql` is answered, as `HOST:PORT`.
    pub address: String,
    /// Where OTLP/HTTP is received, as `HOST:PORT`.
    pub otlp_http: String,
    /// What `/v1/sql` asks for.
    pub token: String,
    /// The process.
    pub pid: u32,
}

/// The file, until this is dropped.
#[derive(Debug)]
pub(super) struct PresenceFile {
    path: PathBuf,
}

impl PresenceFile {
    /// Whoever holds the store's lock may replace the file: one that is there belongs to a process that was killed.
    pub(super) fn write(path: PathBuf, presence: &Presence) -> std::io::Result<Self> {
        let draft = draft_beside(&path, presence.pid);
        // The mode holds for a new file alone.
        if let Err(error) = fs::remove_file(&draft)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        let written = serde_json::to_vec(presence)
            .map_err(std::io::Error::from)
            .and_then(|text| file.write_all(&text));
        // Readers see the old file, none, or the whole new one.
        let renamed = written.and_then(|()| fs::rename(&draft, &path));
        if renamed.is_err() {
            let _ = fs::remove_file(&draft);
        }
        renamed.map(|()| Self { path })
    }
}

impl Drop for PresenceFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "could not be removed");
        }
    }
}

fn draft_beside(path: &Path, pid: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{pid}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn replaces_what_is_stale_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.duckdb.serve.json");
        fs::write(&path, "stale").unwrap();
        let presence = Presence {
            address: "127.0.0.1:1".into(),
            otlp_http: "127.0.0.1:2".into(),
            token: "t".into(),
            pid: 7,
        };

        let file = PresenceFile::write(path.clone(), &presence).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            serde_json::from_slice::<Presence>(&fs::read(&path).unwrap()).unwrap(),
            presence
        );
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
