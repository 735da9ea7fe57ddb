//! `cargo xtask demo`: set up, build, and hand over to the checkout example.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::cargo::{binaries, cargo};
use crate::{paths, setup, step};

/// Everything after `--` goes to the checkout example; see `cargo xtask demo -- --help`.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Options of the checkout example, such as `--checkouts 50`
    #[arg(last = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &DemoArgs) -> Result<()> {
    setup::for_tests()?;
    step::loud(&mut cargo(&["build", "--workspace", "--bins"]))?;
    step::loud(
        Command::new(binaries("debug").join("checkout-demo"))
            .args(&args.rest)
            .current_dir(paths::root()),
    )
}
