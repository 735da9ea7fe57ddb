//! `local-lambda`: Lambda on a laptop.

mod cli;
mod invoke;
mod run;

use std::process::ExitCode;

use clap::Parser as _;
use local_lambda::{ConfigError, StartError};

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(cli.log_level)
        .with_target(false)
        .init();
    // As the library does: `invoke` needs no library.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let result = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| match &cli.command {
            Command::Run(args) => runtime.block_on(run::run(args)),
            Command::Invoke(args) => runtime.block_on(invoke::invoke(args)),
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            if is_usage(&error) {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// A flag with a value that Lambda would not take; the same in a file is a failure.
fn is_usage(error: &anyhow::Error) -> bool {
    error.is::<ConfigError>() || matches!(error.downcast_ref(), Some(StartError::Config(_)))
}
