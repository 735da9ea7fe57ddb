//! `checkout-demo`: the checkout example in one command. `cargo xtask demo` builds everything and runs it.

use clap::Parser;

/// Sends checkouts through five functions and four queues on local Lambda, then asks the store what went wrong.
#[derive(Parser)]
#[command(name = "checkout-demo", version)]
struct Cli {
    #[command(flatten)]
    options: checkout_demo::Options,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run(&Cli::parse().options).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// Runs the example, prints what it found, and fails when a span is missing.
async fn run(options: &checkout_demo::Options) -> anyhow::Result<()> {
    let outcome = checkout_demo::run(options).await?;
    checkout_demo::print(&mut std::io::stdout().lock(), &options.dir, &outcome)?;
    let summary = &outcome.summary;
    anyhow::ensure!(
        summary.made == summary.stored && summary.duplicates == 0,
        "{} spans were made, but {} are stored, {} of them twice; the logs are in `{}`",
        summary.made,
        summary.stored,
        summary.duplicates,
        options.dir.join("logs").display()
    );
    Ok(())
}
