//! `cargo xtask bench NAME`: figures from a release build.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cargo::cargo;
use crate::{package, setup, step};

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// What to measure
    name: Name,
    /// Another extension than ours, measured the same way (`layer` only)
    #[arg(long, value_name = "PATH")]
    extension: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// Reading and writing trace context
    Propagators,
    /// Start-up, memory and flush of the extension
    Layer,
    /// Spans a second, acknowledged and durable
    Store,
    /// Answers in SQL
    Ask,
}

impl Name {
    /// What the bench starts or links beside its own package.
    fn needs(self) -> &'static [&'static str] {
        match self {
            // The layer is measured as it is packaged.
            Self::Propagators | Self::Layer => &[],
            Self::Store | Self::Ask => &[
                "--package",
                "baton-lambda-layer",
                "--package",
                "baton-store",
            ],
        }
    }
}

pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    setup::for_build()?;
    let name = args
        .name
        .to_possible_value()
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default();
    let mut build = vec!["build", "--release", "--package", "baton-bench"];
    build.extend(args.name.needs());
    step::loud(&mut cargo(&build))?;
    if matches!(args.name, Name::Layer) && args.extension.is_none() {
        package::layer()?;
    }
    let mut run = vec![
        "run",
        "--release",
        "--quiet",
        "--package",
        "baton-bench",
        "--",
        &name,
    ];
    if let Some(path) = &args.extension {
        run.extend(["--extension", path]);
    }
    step::loud(&mut cargo(&run))
}
