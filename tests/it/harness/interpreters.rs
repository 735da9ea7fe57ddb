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

/// The folder of the programs that run under OpenTelemetry's own instrumentations.
pub(crate) fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// Python with OpenTelemetry's instrumentations.
#[track_caller]
pub(crate) fn python_of_peers() -> PathBuf {
    installed(".deps/python-peers/bin/python")
}

/// The packages of Node with OpenTelemetry's instrumentations, for `NODE_PATH`.
#[track_caller]
pub(crate) fn packages_of_peers() -> PathBuf {
    installed(".deps/node-peers/node_modules")
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

/// An installation of OpenTelemetry's own instrumentations.
#[track_caller]
pub(crate) fn stack(name: &str) -> PathBuf {
    let path = workspace().join(".deps").join(name);
    assert!(
        path.is_dir(),
        "there is no `{}`: run `cargo xtask test --all`",
        path.display()
    );
    path
}

/// AWS's Runtime Interface Emulator.
#[track_caller]
pub(crate) fn emulator() -> PathBuf {
    let path = workspace().join(".deps/emulator/aws-lambda-rie");
    assert!(
        path.is_file(),
        "there is no Runtime Interface Emulator at `{}`: run `cargo xtask test --all`",
        path.display()
    );
    path
}

/// The Node runtime client.
#[track_caller]
pub(crate) fn node_client() -> PathBuf {
    installed(".deps/node/node_modules/.bin/aws-lambda-ric")
}

/// What `cargo xtask test --all` sees to.
#[track_caller]
fn installed(name: &str) -> PathBuf {
    let path = workspace().join(name);
    assert!(
        path.exists(),
        "there is no `{}`: run `cargo xtask test --all`, which installs it",
        path.display()
    );
    path
}
