//! Questions to the store, asked as a person would: with the `baton` command.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use tokio::process::Command;

/// A store file and the `baton` command to ask it with.
#[derive(Clone, Debug)]
pub struct Store {
    baton: PathBuf,
    url: String,
}

impl Store {
    /// The store at `path`, asked with the `baton` of `bin_dir`.
    #[must_use]
    pub fn new(bin_dir: &Path, path: &Path) -> Self {
        Self {
            baton: bin_dir.join("baton"),
            url: format!("duckdb:{}", path.display()),
        }
    }

    /// Its URL, for `--store`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The `baton` command that is asked.
    #[must_use]
    pub fn baton(&self) -> &Path {
        &self.baton
    }

    /// The rows of a query.
    ///
    /// # Errors
    /// The query fails, or its rows have another shape.
    pub async fn rows<T: DeserializeOwned>(&self, sql: &str) -> Result<Vec<T>> {
        let json = self.text(&["sql", "--format", "json", "--", sql]).await?;
        serde_json::from_str(&json).with_context(|| format!("unexpected rows {json} from `{sql}`"))
    }

    /// A query's rows as the table a person sees.
    ///
    /// # Errors
    /// The query fails.
    pub async fn table(&self, sql: &str) -> Result<String> {
        self.text(&["sql", "--format", "table", "--", sql]).await
    }

    /// The waterfall of a workflow.
    ///
    /// # Errors
    /// There is no such trace.
    pub async fn workflow(&self, trace_id: &str) -> Result<String> {
        self.text(&["workflow", trace_id]).await
    }

    async fn text(&self, args: &[&str]) -> Result<String> {
        let output = Command::new(&self.baton)
            .env("BATON_STORE", &self.url)
            .args(args)
            .output()
            .await
            .with_context(|| format!("could not run `{}`", self.baton.display()))?;
        if !output.status.success() {
            bail!(
                "`baton {}` failed: {}",
                args.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
