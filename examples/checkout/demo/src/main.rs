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
async fn main() -> anyhow::Result<()> {
    let Cli { options } = Cli::parse();
    let outcome = checkout_demo::run(&options).await?;
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
