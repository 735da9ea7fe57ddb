//! What a person sees at the end of a run.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::run::{Outcome, Summary};

/// Prints the outcome of a run whose files lie in `dir`.
///
/// # Errors
/// `out` cannot be written.
pub fn print(out: &mut impl Write, dir: &Path, outcome: &Outcome) -> io::Result<()> {
    counts(out, &outcome.summary)?;
    writeln!(
        out,
        "\nThe slowest checkout, across all functions and queues:\n\n{}",
        outcome.waterfall.trim_end()
    )?;
    for answer in &outcome.answers {
        writeln!(out, "\n{}\n", answer.question)?;
        for line in answer.sql.lines() {
            writeln!(out, "    {line}")?;
        }
        writeln!(out, "\n{}", answer.table.trim_end())?;
    }
    let store = dir.join("spans.duckdb");
    let (baton, store) = (from_here(outcome.store.baton()), store.display());
    writeln!(out, "\nThe store is `{store}`. Ask it yourself:\n")?;
    writeln!(
        out,
        "    {} sql --store duckdb:{store} 'SELECT * FROM hops LIMIT 5'\n",
        baton.display()
    )?;
    writeln!(
        out,
        "or open it with any DuckDB 1.5. The figures are in `{}`.",
        dir.join("summary.json").display()
    )
}

/// A path as a person in this folder would type it.
fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let shorter = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    shorter.unwrap_or_else(|| path.to_owned())
}

fn counts(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    let Summary {
        checkouts,
        functions,
        made,
        sent,
        stored,
        duplicates,
        dead_letters,
        ingest_kills,
    } = summary;
    writeln!(
        out,
        "{checkouts} checkouts through {functions} functions and 4 queues; {dead_letters} messages ended in the dead-letter queue"
    )?;
    if *ingest_kills > 0 {
        writeln!(
            out,
            "the ingest function was killed {ingest_kills} times on the way"
        )?;
    }
    writeln!(
        out,
        "spans: {made} made, {sent} sent, {stored} stored, {duplicates} twice"
    )
}
