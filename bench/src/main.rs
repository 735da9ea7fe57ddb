//! `baton-bench NAME`: measures one part of Baton and writes `target/bench/NAME.json`. `cargo xtask bench NAME` builds what it needs.

mod ask;
mod bodies;
mod consumer;
mod fan_out;
mod figures;
mod handler;
mod inputs;
mod layer;
mod propagators;
mod requests;
mod serve;
mod sql;
mod store;
mod template;
mod workflows;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

#[tokio::main]
async fn main() -> Result<()> {
    // Another package of this build turns TLS on in reqwest without a backend; whoever comes second finds one chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let name = std::env::args().nth(1).unwrap_or_default();
    let figures = match name.as_str() {
        "propagators" => {
            let mut figures = propagators::measure()?;
            handler::measure(&mut figures).await?;
            consumer::measure(&mut figures).await?;
            sql::measure(&mut figures).await?;
            figures
        }
        "layer" => layer::measure(extension()?).await?,
        "store" => store::measure().await?,
        "ask" => {
            let spans = std::env::args()
                .nth(2)
                .map(|spans| spans.parse())
                .transpose();
            ask::measure(spans.context("expected a number of spans after `ask`")?).await?
        }
        other => bail!("no bench `{other}`, expected `propagators`, `layer`, `store` or `ask`"),
    };
    figures.print();
    figures.write(&name)
}

/// `--extension PATH`: another extension than ours.
fn extension() -> Result<Option<PathBuf>> {
    let mut arguments = std::env::args().skip(2);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(None),
        (Some("--extension"), Some(path)) => Ok(Some(path.into())),
        (Some(other), _) => bail!("argument `{other}`: expected `--extension PATH`"),
    }
}
