//! `baton search`

use std::io::Write as _;

use baton_store::query::Source;
use baton_store::search::{Scope, compile, parse};

use crate::ask;
use crate::questions::SearchArguments;

pub(crate) async fn run(arguments: SearchArguments) -> anyhow::Result<()> {
    let expression = parse(&arguments.search)?;
    let scope = Scope {
        since: arguments.since,
        until: arguments.until,
        limit: arguments.limit,
    };
    let source = Source::open(&arguments.store.url()?).await?;
    let columns = source
        .query("SELECT column_name FROM (DESCRIBE spans)", &[])
        .await?;
    let columns: Vec<String> = columns
        .rows
        .iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let compiled = compile(&expression, &scope, &columns);
    if arguments.explain {
        let mut out = anstream::stdout().lock();
        write!(out, "{}", compiled.sql)?;
        for (number, value) in (1..).zip(&compiled.params) {
            writeln!(out, "-- ${number} = {value}")?;
        }
        return Ok(());
    }
    let rows = source.query(&compiled.sql, &compiled.params).await?;
    if rows.rows.is_empty() && arguments.since.is_none() {
        anstream::eprintln!("no trace matches");
    } else if rows.rows.is_empty() {
        anstream::eprintln!("no trace matches: a longer `--since` looks further back");
    }
    ask::print(&rows, arguments.format, arguments.width.columns())
}
