//! `cargo xtask`: set-up, demo, test and bench, with everything they need fetched on the first run.

mod architecture;
mod bench;
mod cargo;
mod demo;
mod package;
mod paths;
mod setup;
mod step;
mod test;

use clap::{Parser, Subcommand};

/// Sets Baton up, shows it, tests it, measures it.
///
/// The first run fetches what a fresh clone lacks (DuckDB's library, a Python environment) and keeps it in your cache folder; later runs
/// need no network.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fetch what building, testing and the demo need; plain `cargo build` works afterwards
    Setup {
        /// Also what the tests of `test --all` need: Debian packages, and clients in other languages
        #[arg(long)]
        all: bool,
    },
    /// Send 200 checkouts through five functions and four queues, then ask SQL what went wrong
    Demo(demo::DemoArgs),
    /// Run every test; `--all` adds those that need Debian packages (what CI runs)
    Test(test::TestArgs),
    /// Pack what is deployed, as AWS wants it
    Package(package::PackageArgs),
    /// Measure one part in a release build and write `target/bench/NAME.json`
    Bench(bench::BenchArgs),
}

fn main() -> std::process::ExitCode {
    let done = match Cli::parse().command {
        Command::Setup { all } => set_up(all),
        Command::Demo(args) => demo::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Package(args) => package::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn set_up(all: bool) -> anyhow::Result<()> {
    if all {
        setup::for_all_tests()?;
    } else {
        setup::for_tests()?;
    }
    eprintln!("✓ ready: `cargo build`, `cargo test -p PACKAGE` and `cargo xtask demo` work");
    Ok(())
}
