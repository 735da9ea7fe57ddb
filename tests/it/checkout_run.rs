//! Runs of the checkout example for the tests beside this file. The plain run is made once and shared: the tests only read it.

use std::path::PathBuf;

use checkout_demo::{Options, Outcome};
use tokio::sync::OnceCell;

/// Enough for several batches of mails and two that bounce.
pub(crate) const CHECKOUTS: usize = 56;

/// The options of a run in a folder of its own under the target folder, where its logs stay for whoever looks into a failure.
pub(crate) fn options(name: &str, checkouts: usize) -> Options {
    let binaries = binaries();
    let dir = binaries.join("..").join("tests").join(name);
    let python = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.deps/venv/bin/python");
    Options {
        checkouts,
        users: 6,
        dir,
        kill_ingest: 0,
        bin_dir: Some(binaries),
        python,
    }
}

/// One run without disturbance.
pub(crate) async fn undisturbed() -> &'static Outcome {
    static RUN: OnceCell<Outcome> = OnceCell::const_new();
    RUN.get_or_init(|| async {
        checkout_demo::run(&options("checkout", CHECKOUTS))
            .await
            .expect("the checkout example runs")
    })
    .await
}

/// `target/debug`: the test executable lies in `target/debug/deps`.
fn binaries() -> PathBuf {
    let own = std::env::current_exe().expect("the test knows its own path");
    own.ancestors()
        .nth(2)
        .expect("the test lies in a target folder")
        .to_owned()
}
