//! `baton sql`

use std::io::{BufWriter, IsTerminal as _, Read as _, stdin, stdout};

use anyhow::Context as _;
use baton_store::query::{Rows, Source};
use baton_store::render::{Format, write_rows};

use crate::arguments::SqlArguments;
use crate::prompt;

pub(crate) async fn run(arguments: SqlArguments) -> anyhow::Result<()> {
    let columns = arguments.width.columns();
    let source = Source::open(&arguments.store.url()?).await?;
    match arguments.sql {
        Some(sql) => answer(&source, &sql, arguments.format, columns).await,
        None if stdin().is_terminal() => prompt::run(&source, arguments.format, columns).await,
        None => {
            let mut sql = String::new();
            stdin()
                .read_to_string(&mut sql)
                .context("cannot read the statement from standard input")?;
            answer(&source, &sql, arguments.format, columns).await
        }
    }
}

pub(crate) async fn answer(
    source: &Source,
    sql: &str,
    format: Format,
    columns: usize,
) -> anyhow::Result<()> {
    let rows = source.query(sql, &[]).await?;
    print(&rows, format, columns)
}

pub(crate) fn print(rows: &Rows, format: Format, columns: usize) -> anyhow::Result<()> {
    match format {
        Format::Table => write_rows(&mut anstream::stdout().lock(), rows, format, columns)?,
        // As it is: `anstream` takes what looks like a colour out of values, too.
        Format::Json | Format::Ndjson | Format::Csv => {
            let mut out = BufWriter::new(stdout().lock());
            write_rows(&mut out, rows, format, columns)?;
        }
    }
    Ok(())
}
