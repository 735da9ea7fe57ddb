//! The one place that knows environment variables.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use baton_store::schema::Settings;
use baton_store::url::StoreUrl;

/// What the function is told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    store: Option<String>,
    memory_mib: Option<u32>,
    /// A filter of `tracing`.
    pub(crate) log: String,
    /// `HOST:PORT`
    pub(crate) runtime_api: Option<String>,
}

pub(crate) fn read() -> Environment {
    parse(
        &std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    )
}

fn parse(variables: &HashMap<String, String>) -> Environment {
    let value = |name: &str| {
        variables
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    };
    Environment {
        store: value("BATON_STORE"),
        memory_mib: value("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|size| size.parse().ok()),
        log: value("BATON_LOG").unwrap_or_else(|| "warn".into()),
        runtime_api: value("AWS_LAMBDA_RUNTIME_API"),
    }
}

impl Environment {
    pub(crate) fn store(&self) -> anyhow::Result<StoreUrl> {
        ensure!(
            self.store.is_some(),
            "BATON_STORE is not set: expected `duckdb:PATH`, for example `duckdb:/mnt/spans/spans.duckdb`"
        );
        self.store
            .as_deref()
            .unwrap_or_default()
            .parse()
            .context("BATON_STORE")
    }

    /// A quarter of the function's memory for DuckDB: the rest is for requests.
    pub(crate) fn settings(&self) -> Settings {
        let memory_mib = self
            .memory_mib
            .map_or(256, |memory| (memory / 4).clamp(64, 1024));
        Settings {
            memory_mib,
            ..Settings::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        parse(
            &variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn stores() {
        let store = |value| {
            environment(&[("BATON_STORE", value)])
                .store()
                .map(|url| url.to_string())
                .map_err(|error| format!("{error:#}"))
        };
        assert_eq!(
            store("duckdb:/tmp/s.duckdb").as_deref(),
            Ok("duckdb:/tmp/s.duckdb")
        );
        assert!(store("").unwrap_err().contains("BATON_STORE is not set"));
        assert!(
            store("sqlite:x")
                .unwrap_err()
                .starts_with("BATON_STORE: store `sqlite:x` has no known scheme")
        );
    }

    #[test]
    fn memory() {
        let memory = |size| {
            environment(&[("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", size)])
                .settings()
                .memory_mib
        };
        assert_eq!(
            [
                memory("128"),
                memory("512"),
                memory("10240"),
                memory("much")
            ],
            [64, 128, 1024, 256]
        );
    }
}
