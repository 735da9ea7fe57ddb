//! `baton doctor`: what is wrong, with the SQL that says so and a trace that shows it.

mod checks;
mod finding;

use serde_json::Value;

pub use checks::{CHECKS, Check};
pub use finding::Finding;

use crate::moment::Moment;
use crate::query::{QueryError, Source};

/// Runs every check over the spans that started since then, and tells what it found, the worst first within each check.
///
/// # Errors
/// The store cannot be asked.
pub async fn examine(source: &Source, since: Option<Moment>) -> Result<Vec<Finding>, QueryError> {
    let mut findings = Vec::new();
    for check in CHECKS {
        let sql = check.sql(since);
        let rows = source.query(&sql, &[]).await?;
        let object = |row: &Vec<Value>| {
            rows.columns
                .iter()
                .map(|column| column.name.clone())
                .zip(row.iter().cloned())
                .collect()
        };
        findings.extend(
            rows.rows
                .iter()
                .map(object)
                .map(|row| Finding::new(check, &sql, since, row)),
        );
    }
    Ok(findings)
}
