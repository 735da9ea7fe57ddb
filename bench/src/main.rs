//! `baton-bench NAME`: measures one part of Baton and writes `target/bench/NAME.json`. `cargo xtask bench NAME` builds what it needs.

mod ask;
mod figures;
mod layer;
mod propagators;
mod requests;
mod serve;
mod store;

use anyhow::{Result, bail};

#[tokio::main]
async fn main() -> Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let figures = match name.as_str() {
        "propagators" => propagators::measure(),
        "layer" => layer::measure().await?,
        "store" => store::measure().await?,
        "ask" => ask::measure().await?,
        other => bail!("no bench `{other}`, expected `propagators`, `layer`, `store` or `ask`"),
    };
    figures.print();
    figures.write(&name)
}
