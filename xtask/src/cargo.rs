//! The cargo that runs this program.

use std::ffi::OsString;
use std::process::Command;

use crate::paths;

/// `cargo ARGS…` in the root of the checkout.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(paths::root()).args(args);
    command
}

/// The folder that `cargo build` put this profile's binaries into.
pub(crate) fn binaries(profile: &str) -> std::path::PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| paths::root().join("target"), std::path::PathBuf::from);
    paths::root().join(target).join(profile)
}
