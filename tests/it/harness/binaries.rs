//! The programs of this workspace.

use std::path::PathBuf;

/// The program `name`, built beside the test executable (`target/debug/NAME`).
///
/// # Panics
///
/// When it is not built: `cargo test` builds only what the tests link.
#[track_caller]
pub(crate) fn binary(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(
        path.is_file(),
        "the program `{}` is not built: run `cargo build --workspace`, or `cargo xtask test`, which does",
        path.display()
    );
    path
}

/// `target/debug`: the test executable lies in its `deps`.
fn folder() -> PathBuf {
    let own = std::env::current_exe().expect("a process knows its executable");
    own.ancestors()
        .nth(2)
        .expect("the test lies in a target folder")
        .to_owned()
}
