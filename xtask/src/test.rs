//! `cargo xtask test`: every test, in the order in which a failure says most.

use anyhow::Result;
use clap::Args;

use crate::cargo::cargo;
use crate::{architecture, package, setup, step};

#[derive(Args)]
pub(crate) struct TestArgs {
    /// Also run the tests that need Debian packages, installing what is missing
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(args: &TestArgs) -> Result<()> {
    if args.all {
        setup::for_all_tests()?;
    } else {
        setup::for_tests()?;
    }
    architecture::check()?;
    if args.all {
        package::layer()?;
    }
    // The end-to-end tests run the binaries as processes.
    step::loud(&mut cargo(&["build", "--workspace", "--bins"]))?;
    let mut test = cargo(&["test", "--workspace"]);
    if args.all {
        test.args(["--", "--include-ignored"]);
    }
    step::loud(&mut test)?;
    if !args.all {
        eprintln!(
            "not run: the tests that need Debian packages (marked ignored above); `cargo xtask test --all` runs them"
        );
    }
    Ok(())
}
