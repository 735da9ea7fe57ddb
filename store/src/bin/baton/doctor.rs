//! `baton doctor`

use std::io::Write;

use anstyle::{AnsiColor, Style};
use baton_store::doctor::{CHECKS, Finding, examine};
use baton_store::moment::Moment;
use baton_store::query::Source;
use baton_store::render::{counted, harmless};

use crate::questions::DoctorArguments;

const TITLE: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const COMMAND: Style = AnsiColor::Cyan.on_default();

pub(crate) async fn run(arguments: DoctorArguments) -> anyhow::Result<()> {
    let source = Source::open(&arguments.store.url()?).await?;
    let since = arguments.since;
    let findings = examine(&source, Some(since)).await?;
    if arguments.format == "json" {
        return Ok(writeln!(
            anstream::stdout().lock(),
            "{}",
            serde_json::to_string_pretty(&findings)?
        )?);
    }
    let out = &mut anstream::stdout().lock();
    if !looked_at(out, &source, since).await? {
        return Ok(());
    }
    let mut title = "";
    for finding in &findings {
        if finding.title != title {
            title = finding.title;
            writeln!(out, "\n{TITLE}{title}{TITLE:#}")?;
        }
        tell(out, finding, arguments.sql)?;
    }
    if findings.is_empty() {
        let titles: Vec<String> = CHECKS
            .iter()
            .map(|check| check.title.to_lowercase())
            .collect();
        writeln!(
            out,
            "\nNothing is wrong. Looked for: {}.",
            titles.join("; ")
        )?;
    }
    Ok(())
}

/// Whether there is anything to look at.
async fn looked_at(out: &mut impl Write, source: &Source, since: Moment) -> anyhow::Result<bool> {
    let sql = format!(
        "SELECT count(*) FILTER (start_time >= {0}::TIMESTAMPTZ), count(DISTINCT service_name) FILTER (start_time >= {0}::TIMESTAMPTZ),
           strftime(max(start_time), '%Y-%m-%d %H:%M:%S') FROM spans",
        since.sql()
    );
    let rows = source.query(&sql, &[]).await?;
    match rows.rows.first().map(Vec::as_slice) {
        Some([spans, services, _]) if *spans != 0 => {
            let (spans, services) = (counted(spans, "span"), counted(services, "service"));
            writeln!(out, "{spans} of {services} since {since}")?;
            return Ok(true);
        }
        Some([_, _, serde_json::Value::String(last)]) => writeln!(
            out,
            "No span started since {since}; the newest did at {last} UTC. Look further back, for example `--since {}`",
            last.get(..10).unwrap_or(last)
        )?,
        _ => writeln!(
            out,
            "The store is empty: send spans to `baton serve`, or run `cargo xtask demo` for an example"
        )?,
    }
    Ok(false)
}

fn tell(out: &mut impl Write, finding: &Finding, with_sql: bool) -> anyhow::Result<()> {
    writeln!(out, "  {}", harmless(&finding.finding).replace('\n', " "))?;
    if let Some(id) = &finding.trace_id {
        writeln!(
            out,
            "    {COMMAND}baton workflow {}{COMMAND:#}",
            harmless(id)
        )?;
    }
    if with_sql {
        for line in finding.sql.lines() {
            writeln!(out, "    {DIM}{line}{DIM:#}")?;
        }
    } else {
        writeln!(out, "    {DIM}baton sql \"{}\"{DIM:#}", finding.more)?;
    }
    Ok(())
}
