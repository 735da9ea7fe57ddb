//! Gives the binaries and tests of this package an rpath to the DuckDB library they were linked with.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    if std::env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return;
    }
    // A copy beside the binary, or in `lib/` beside its folder, is found first: that is how packages are laid out.
    println!("cargo::rustc-link-arg=-Wl,-rpath,$ORIGIN:$ORIGIN/../lib");
    let Some(dir) = std::env::var_os("DUCKDB_LIB_DIR") else {
        return;
    };
    let dir = Path::new(&dir);
    // A folder that was cleared is noticed, not met by the linker.
    println!("cargo::rerun-if-changed={}", dir.display());
    assert!(
        dir.join("libduckdb.so").exists() || dir.join("libduckdb.dylib").exists(),
        "`{}` holds no libduckdb: run `cargo xtask setup` once, set DUCKDB_LIB_DIR to a folder with DuckDB 1.5.5, or build with `--features bundled`",
        dir.display()
    );
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", dir.display());
}
