//! Holds the invariants of ARCHITECTURE.md that a command can hold: who may depend on whom.

use anyhow::{Result, bail};

use crate::cargo::cargo;
use crate::step;

/// Package, what it must never depend on, and why.
const FORBIDDEN: [(&str, &str, &str); 6] = [
    (
        "baton-propagators",
        "libduckdb-sys",
        "carriers know no store",
    ),
    (
        "baton-propagators",
        "opentelemetry-proto",
        "carriers know no OTLP",
    ),
    (
        "baton-lambda-layer",
        "libduckdb-sys",
        "the layer stays small",
    ),
    (
        "baton-lambda-layer",
        "aws-sdk-sqs",
        "the layer links no AWS SDK",
    ),
    (
        "baton-store",
        "baton-propagators",
        "the store's contract is OTLP",
    ),
    (
        "baton-store",
        "baton-lambda-layer",
        "the store's contract is OTLP",
    ),
];

pub(crate) fn check() -> Result<()> {
    step::step("imports point along the flow of a span", || {
        FORBIDDEN.into_iter().try_for_each(check_one)
    })
}

fn check_one((package, forbidden, why): (&str, &str, &str)) -> Result<()> {
    let tree = step::quiet(&mut cargo(&[
        "tree",
        "--package",
        package,
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    // A tree that lacks the package itself would let every rule pass.
    if !tree.lines().any(|line| line.starts_with(package)) {
        bail!("`cargo tree` knows no package `{package}`");
    }
    match tree
        .lines()
        .find(|line| line.split(' ').next() == Some(forbidden))
    {
        Some(_) => bail!(
            "`{package}` depends on `{forbidden}`, but {why}; `cargo tree -p {package} -e normal -i {forbidden}` shows through what"
        ),
        None => Ok(()),
    }
}
