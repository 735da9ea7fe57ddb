//! What one run of the example is asked to do.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// How to run the checkout example.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many checkouts to send
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = at_least_one)]
    pub checkouts: usize,
    /// How many users shop at once
    #[arg(long, default_value_t = 8, value_name = "N")]
    pub users: usize,
    /// Where the store, the logs and `summary.json` go; emptied first
    #[arg(long, default_value = "target/demo", value_name = "DIR")]
    pub dir: PathBuf,
    /// Kill the ingest function (SIGKILL) this many times while checkouts run
    #[arg(long, default_value_t = 0, value_name = "TIMES")]
    pub kill_ingest: usize,
    /// Where the binaries of the workspace lie; default: beside this one
    #[arg(long, value_name = "DIR")]
    pub bin_dir: Option<PathBuf>,
    /// A Python with `ministack`; default: the one `cargo xtask setup` made
    #[arg(long, default_value = ".deps/venv/bin/python", value_name = "FILE")]
    pub python: PathBuf,
}

impl Options {
    /// The folder of the binaries.
    ///
    /// # Errors
    /// The running program's own path is not known.
    pub fn bin_dir(&self) -> Result<PathBuf> {
        if let Some(dir) = &self.bin_dir {
            return Ok(dir.clone());
        }
        let own = std::env::current_exe()
            .context("the path of the running program is not known; pass --bin-dir")?;
        Ok(own.parent().unwrap_or(Path::new(".")).to_owned())
    }

    /// The store's file.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.dir.join("spans.duckdb")
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a whole number of at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}
