//! Where things lie: the checkout, and a cache that outlives `cargo clean` and the checkout itself.

use std::path::{Path, PathBuf};

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// What the set-up made, as the build and the tests find it: `.deps/` in the checkout holds links into [`cache`].
pub(crate) fn deps() -> PathBuf {
    root().join(".deps")
}

/// `$XDG_CACHE_HOME/baton`, else `~/.cache/baton`, else `.deps/cache` in the checkout.
pub(crate) fn cache() -> PathBuf {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .map_or_else(|| deps().join("cache"), |cache| cache.join("baton"))
}

/// A `DUCKDB_LIB_DIR` of the user's own. (`.cargo/config.toml` sets the variable to `.deps/duckdb` when the user did not.)
pub(crate) fn users_duckdb() -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os("DUCKDB_LIB_DIR")?);
    (dir != deps().join("duckdb")).then_some(dir)
}
