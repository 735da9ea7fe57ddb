//! Where a store lies: `duckdb:PATH`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The URL of a store, as `--store` and `BATON_STORE` take it.
///
/// ```
/// use baton_store::url::StoreUrl;
///
/// let url: StoreUrl = "duckdb:spans.duckdb".parse()?;
/// assert_eq!(url.path().to_str(), Some("spans.duckdb"));
/// assert_eq!(url.to_string(), "duckdb:spans.duckdb");
///
/// let error = "spans.duckdb".parse::<StoreUrl>().unwrap_err();
/// assert!(error.to_string().contains("`duckdb:spans.duckdb`"));
/// # Ok::<(), baton_store::url::StoreUrlError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUrl {
    path: PathBuf,
}

impl StoreUrl {
    /// The store in the DuckDB file at `path`.
    #[must_use]
    pub fn duckdb(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The DuckDB file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a running `serve` of this store leaves its address and token.
    ///
    /// ```
    /// use baton_store::url::StoreUrl;
    /// let url = StoreUrl::duckdb("spans.duckdb");
    /// assert_eq!(url.serve_file().to_str(), Some("spans.duckdb.serve.json"));
    /// ```
    #[must_use]
    pub fn serve_file(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".serve.json");
        name.into()
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "duckdb:{}", self.path.display())
    }
}

impl FromStr for StoreUrl {
    type Err = StoreUrlError;

    fn from_str(text: &str) -> Result<Self, StoreUrlError> {
        let url = without_password(text);
        match text.split_once(':') {
            Some(("duckdb", "")) => Err(StoreUrlError::NoPath { url }),
            Some(("duckdb", path)) if path.contains(":memory:") => {
                Err(StoreUrlError::Memory { url })
            }
            Some(("duckdb", path)) => Ok(Self::duckdb(path)),
            Some(("ducklake", _)) => Err(StoreUrlError::Later { url }),
            _ => Err(StoreUrlError::Unknown { url }),
        }
    }
}

/// Why a text is no URL of a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreUrlError {
    /// A scheme that the design names and that this version does not have.
    #[error("store `{url}` is a lake, which this version cannot open yet: expected `duckdb:PATH`")]
    Later {
        /// As it was given.
        url: String,
    },
    /// A store that would be gone with its process.
    #[error("store `{url}` would keep nothing: expected `duckdb:PATH` with the path of a file")]
    Memory {
        /// As it was given.
        url: String,
    },
    /// Nothing after the scheme.
    #[error(
        "store `{url}` names no file: expected `duckdb:PATH`, for example `duckdb:spans.duckdb`"
    )]
    NoPath {
        /// As it was given.
        url: String,
    },
    /// No scheme, or one that nobody knows.
    #[error(
        "store `{url}` has no known scheme: expected `duckdb:PATH`{}",
        hint(url)
    )]
    Unknown {
        /// As it was given.
        url: String,
    },
}

/// A URL of a database may hold one, and errors are logged.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{host}")
}

fn hint(url: &str) -> String {
    let is_path = !url.is_empty() && !url.contains("://");
    if is_path {
        format!(", here perhaps `duckdb:{url}`")
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(url: &str, expected: &Expect) {
        let text = match url.parse::<StoreUrl>() {
            Ok(url) => format!("{}", url.path().display()),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn urls() {
        check("duckdb:/tmp/x.duckdb", &expect!["/tmp/x.duckdb"]);
        check("duckdb:C:odd name", &expect!["C:odd name"]);
        check(
            "duckdb:",
            &expect![
                "store `duckdb:` names no file: expected `duckdb:PATH`, for example `duckdb:spans.duckdb`"
            ],
        );
        check(
            "duckdb::memory:",
            &expect![
                "store `duckdb::memory:` would keep nothing: expected `duckdb:PATH` with the path of a file"
            ],
        );
        check(
            "ducklake:postgres://me:secret@h/db?data=s3://b",
            &expect![
                "store `ducklake:postgres://h/db?data=s3://b` is a lake, which this version cannot open yet: expected `duckdb:PATH`"
            ],
        );
        check(
            "spans.duckdb",
            &expect![
                "store `spans.duckdb` has no known scheme: expected `duckdb:PATH`, here perhaps `duckdb:spans.duckdb`"
            ],
        );
        check(
            "postgres://h/db",
            &expect!["store `postgres://h/db` has no known scheme: expected `duckdb:PATH`"],
        );
        check(
            "",
            &expect!["store `` has no known scheme: expected `duckdb:PATH`"],
        );
    }
}
