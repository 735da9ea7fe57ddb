//! Which files this process has open.
//!
//! DuckDB's lock keeps other processes away, not this one: a second instance on the same file would write over the first.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

static OPEN: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);

/// This process has the file, until this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    path: PathBuf,
}

impl Held {
    /// `None` when it has it already.
    pub(super) fn take(path: &Path) -> Option<Self> {
        let path = real(path);
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.get_or_insert_default()
            .insert(path.clone())
            .then(|| Self { path })
    }
}

/// Does this process write the file?
pub(crate) fn is_open_here(path: &Path) -> bool {
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.as_ref().is_some_and(|open| open.contains(&real(path)))
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(open) = OPEN.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            open.remove(&self.path);
        }
    }
}

/// The same for every way to write it, whether the file is there yet or not.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        path.file_name()
            .map_or(folder.clone(), |name| folder.join(name))
    })
}
