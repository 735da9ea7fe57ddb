//! The database servers that tests start for themselves. No service of the system is started or changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::step;

/// Debian asks this program before it starts a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";
/// The servers, and what sets MariaDB's up: `mariadb-server` would add a service of the system.
const TOOLS: [(&str, &str); 3] = [
    ("/usr/sbin/mariadbd", "mariadb-server-core"),
    ("/usr/bin/my_print_defaults", "mariadb-client-core"),
    ("/usr/bin/redis-server", "redis-server"),
];

pub(crate) fn ensure() -> Result<()> {
    let mut missing = Vec::new();
    if !has_postgres() {
        missing.push("postgresql");
    }
    for (tool, package) in TOOLS {
        if !Path::new(tool).is_file() {
            missing.push(package);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    eprintln!("installing Debian packages: {list}");
    install(&missing).with_context(|| {
        format!("the tests of `sqlx` and `redis` need `{list}`; install them, for example with `sudo apt-get install {list}`")
    })
}

fn has_postgres() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql");
    versions
        .into_iter()
        .flatten()
        .flatten()
        .any(|version| version.path().join("bin/initdb").is_file())
}

fn install(packages: &[&str]) -> Result<()> {
    let _no_services = NoServices::begin()?;
    step::quiet(Command::new("apt-get").arg("update"))?;
    step::quiet(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
    )?;
    Ok(())
}

/// While it lives, a package that is installed starts no service.
struct NoServices(Option<PathBuf>);

impl NoServices {
    /// A policy that is there already is somebody's choice, and stays.
    fn begin() -> Result<Self> {
        let policy = PathBuf::from(POLICY);
        if policy.exists() {
            return Ok(Self(None));
        }
        fs::write(&policy, "#!/bin/sh\nexit 101\n").with_context(|| {
            format!("could not write `{POLICY}`, which keeps services from starting")
        })?;
        let made = Self(Some(policy.clone()));
        fs::set_permissions(&policy, fs::Permissions::from_mode(0o755))?;
        Ok(made)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(policy) = &self.0
            && let Err(error) = fs::remove_file(policy)
        {
            eprintln!(
                "could not remove `{}`: {error}; remove it to let packages start their services",
                policy.display()
            );
        }
    }
}
