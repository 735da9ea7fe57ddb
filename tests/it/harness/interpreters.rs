//! Python and Node with the runtime clients that AWS wrote.

use std::path::{Path, PathBuf};

/// The workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package lies in the workspace")
}

/// The folder of the functions that the tests run.
pub(crate) fn functions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/functions")
}

/// Python with `awslambdaric`, `boto3`, `ministack` and `duckdb`.
#[track_caller]
pub(crate) fn python() -> PathBuf {
    let path = workspace().join(".deps/venv/bin/python");
    assert!(
        path.is_file(),
        "there is no Python environment at `{}`: run `cargo xtask setup`",
        path.display()
    );
    path
}

/// The Node runtime client.
#[track_caller]
pub(crate) fn node_client() -> PathBuf {
    let path = workspace().join(".deps/node/node_modules/.bin/aws-lambda-ric");
    assert!(
        path.is_file(),
        "there is no Node runtime client at `{}`: run `cargo xtask test --all`",
        path.display()
    );
    path
}
