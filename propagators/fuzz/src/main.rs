//! Mutated headers and events against every parser: no panic, no slow input, and what was written reads as what it was.
//!
//! ```sh
//! cargo run --release -p baton-fuzz -- --inputs 100000000 --seed 1
//! cargo run --release -p baton-fuzz -- --part layer --inputs 60000000 --seed 1
//! cargo run --release -p baton-fuzz -- --seed 1 --only 4711    # one input again, shown
//! ```
//!
//! An input is a function of the seed and its number, so every finding can be repeated, whatever the number of threads.

mod layer;
mod mutate;
mod run;
mod targets;
mod vectors;

use std::fmt;
use std::num::NonZero;
use std::thread::available_parallelism;

use anyhow::Result;
use clap::{Parser, ValueEnum};

/// Fuzzes every parser of outside bytes
#[derive(Debug, Parser)]
struct Args {
    /// Whose parsers
    #[arg(long, value_enum, default_value_t = Part::Propagators)]
    part: Part,
    /// How many inputs
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    /// What the inputs are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads; as many as there are cores by default
    #[arg(long)]
    threads: Option<NonZero<u64>>,
    /// Only the input with this number, shown
    #[arg(long, value_name = "NUMBER")]
    only: Option<u64>,
}

/// Whose parsers are fuzzed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Fields, values and events, in the library
    Propagators,
    /// Telemetry, answers, errors, OTLP, and whole invocations, in the layer
    Layer,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Propagators => "propagators",
            Self::Layer => "layer",
        })
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let corpus = vectors::Corpus::load()?;
    if let Some(number) = args.only {
        return run::only(&corpus, args.part, args.seed, number);
    }
    let cores = available_parallelism().map_or(1, NonZero::get) as u64;
    let threads = args.threads.map_or(cores, NonZero::get);
    run::all(&corpus, args.part, args.seed, args.inputs, threads)
}
