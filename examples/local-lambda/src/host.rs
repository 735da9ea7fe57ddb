//! The host's environment variables: the one place that reads them.
//!
//! Functions do not inherit the host's environment. They get what a program needs to be found and to run: see [`kept`].

use std::collections::BTreeMap;

/// Variables a function may see of the host it runs on.
const KEPT: &[&str] = &[
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TEMP",
    "TMP",
    "TMPDIR",
];

/// The host's variables that environments start from.
pub(crate) fn variables() -> BTreeMap<String, String> {
    let all = std::env::vars_os();
    all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| kept(name))
        .collect()
}

/// Paths, the language and temporary directories; and where DuckDB lies, for functions that link it.
fn kept(name: &str) -> bool {
    KEPT.contains(&name) || name.starts_with("DUCKDB_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_the_host_stay_there() {
        let cases = [
            ("PATH", true),
            ("DUCKDB_LIB_DIR", true),
            ("AWS_SECRET_ACCESS_KEY", false),
            ("GITHUB_TOKEN", false),
        ];
        for (name, expected) in cases {
            assert_eq!(kept(name), expected, "{name}");
        }
    }
}
