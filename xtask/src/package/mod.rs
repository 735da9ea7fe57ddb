//! `cargo xtask package NAME`: what is deployed, as AWS wants it.

mod archive;
mod layer;

use anyhow::Result;
use clap::{Args, ValueEnum};

#[derive(Args)]
pub(crate) struct PackageArgs {
    /// What to pack
    name: Name,
    /// The architecture, as Lambda names it [default: this machine's]
    #[arg(long)]
    arch: Option<Arch>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// The layer: `target/package/baton-layer-ARCH.zip`
    Layer,
}

/// The two that Lambda has.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Arch {
    #[value(name = "x86_64")]
    X86_64,
    #[value(name = "arm64")]
    Arm64,
}

pub(crate) fn run(args: &PackageArgs) -> Result<()> {
    let arch = match args.arch {
        Some(arch) => arch,
        None => Arch::of_this_machine()?,
    };
    match args.name {
        Name::Layer => layer::package(arch),
    }
}

/// The layer for this machine.
pub(crate) fn layer() -> Result<()> {
    layer::package(Arch::of_this_machine()?)
}

// === impl Arch ===

impl Arch {
    fn of_this_machine() -> Result<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Ok(Self::X86_64),
            "aarch64" => Ok(Self::Arm64),
            other => anyhow::bail!(
                "this machine is a `{other}`, expected `x86_64` or `aarch64`: Lambda has no other; choose one with `--arch`"
            ),
        }
    }

    /// In the name of the package.
    fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// As Rust names the target.
    fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// The C compiler and linker for the other architecture, as Debian's package `gcc-aarch64-linux-gnu` (or `gcc-x86-64-linux-gnu`) names it.
    fn cross_compiler(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-linux-gnu-gcc",
            Self::Arm64 => "aarch64-linux-gnu-gcc",
        }
    }
}
