//! The command line. This file alone knows the environment variables of `baton`.

use std::ffi::OsString;
use std::net::SocketAddr;

use baton_store::render::Format;
use baton_store::url::StoreUrl;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};

use crate::failure::Usage;
use crate::questions::{DoctorArguments, SearchArguments};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Takes spans of serverless workflows in and answers in SQL: which hop was slow, which message was lost, which query ran 40 times.
#[derive(Debug, Parser)]
#[command(name = "baton", version, styles = STYLES, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(after_help = "Examples:
  baton serve --store duckdb:spans.duckdb
  baton sql --store duckdb:spans.duckdb 'SELECT * FROM traces ORDER BY duration_ns DESC LIMIT 5'
  baton doctor --store duckdb:spans.duckdb
  baton search --store duckdb:spans.duckdb 'user.id = \"usr_12345\" AND duration > 1s'
  baton workflow --store duckdb:spans.duckdb 5b8efff798038103d269b633813fc60c

Set BATON_STORE once to leave --store out. `baton COMMAND --help` has more examples.
Exit code: 0, 1 on failure, 2 for a command line that is wrong.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Lets a statement of `baton sql` begin with a comment: `--` and then a blank somewhere, where an option has a name. A blank
/// before it keeps it apart from options, which keep their suggestions.
pub(crate) fn with_comments(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_none_or(|command| command != "sql") {
        return arguments;
    }
    for argument in arguments.iter_mut().skip(2) {
        let comment = argument.to_str().filter(|text| begins_with_comment(text));
        if let Some(comment) = comment {
            *argument = format!(" {comment}").into();
        }
    }
    arguments
}

fn begins_with_comment(text: &str) -> bool {
    text.strip_prefix("--").is_some_and(|rest| {
        let name = rest.split('=').next().unwrap_or_default();
        name.contains(char::is_whitespace)
    })
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(ServeArguments),
    Doctor(DoctorArguments),
    Search(SearchArguments),
    Sql(SqlArguments),
    Trace(PictureArguments),
    Workflow(WorkflowArguments),
}

/// Takes spans in over OTLP/HTTP and answers queries, in one process
///
/// Spans are acknowledged when they are on disk. While it runs, it holds the store; `baton sql`, `trace` and `workflow` find it
/// by the file `PATH.serve.json` and ask through it. Ctrl-C or SIGTERM ends it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baton serve --store duckdb:spans.duckdb
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 your-program
  baton serve --store duckdb:spans.duckdb --otlp-http 127.0.0.1:0 --http 127.0.0.1:0   # any free ports")]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// Where OTLP/HTTP is received; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4318")]
    pub(crate) otlp_http: SocketAddr,
    /// Where `POST /v1/sql` is answered; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8321")]
    pub(crate) http: SocketAddr,
    /// The bearer token of `/v1/sql`, and of OTLP beyond loopback: there it must be given; random if left out
    #[arg(
        long,
        value_name = "TOKEN",
        env = "BATON_TOKEN",
        hide_env_values = true
    )]
    pub(crate) token: Option<String>,
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or directives of `tracing`
    #[arg(long, value_name = "LEVEL", env = "BATON_LOG", default_value = "warn")]
    pub(crate) log: String,
}

/// Runs SQL on the store
///
/// The statement is the argument, or what comes in on standard input. With neither, in a terminal, statements are read line
/// by line, each up to its `;`. (History and completion come later.) The tables and views: `spans`, `traces`, `hops`, `trace(id)`,
/// `workflow(id)`, `waterfall(id)`; docs/sql.md explains every column.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baton sql 'SELECT service_name, count(*) FROM spans GROUP BY ALL'
  baton sql --format csv 'SELECT queue, max(lag_ns) FROM hops GROUP BY queue' > lag.csv
  baton sql --format json < question.sql
  baton sql \"SELECT trace_id, name FROM spans WHERE attributes['user.id'] = 'usr_12345'\"
  baton sql 'DESCRIBE spans'")]
pub(crate) struct SqlArguments {
    /// The statement; standard input if left out
    pub(crate) sql: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// How rows are printed: `table`, `json`, `ndjson` or `csv`
    #[arg(long, value_name = "FORMAT", default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) width: WidthArguments,
}

/// Draws the spans of one trace as a waterfall
///
/// It shows this trace alone, with the waits of its messages. `baton workflow` also follows the links of batches into other traces.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baton trace 5b8efff798038103d269b633813fc60c
  baton trace 5b8efff798038103d269b633813fc60c --format json
  baton trace 5b8efff798038103d269b633813fc60c | less -R")]
pub(crate) struct PictureArguments {
    /// The trace id: 32 hexadecimal digits
    #[arg(value_name = "ID", value_parser = parse_trace_id)]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// `text` for a picture, `json` for the rows of waterfall(ID)
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
    #[command(flatten)]
    pub(crate) width: WidthArguments,
}

/// Draws a whole workflow as a waterfall, across functions, queues and traces
///
/// Takes the id of any trace in the workflow and starts at its first one. The wait of each message in its queue is a bar of its own. Of a
/// batch only this workflow's messages are shown, and the invocation around them, marked as shared.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baton workflow 5b8efff798038103d269b633813fc60c
  baton workflow 5b8efff798038103d269b633813fc60c --width 140
  baton workflow 5b8efff798038103d269b633813fc60c --format json")]
pub(crate) struct WorkflowArguments {
    #[command(flatten)]
    pub(crate) picture: PictureArguments,
}

#[derive(Debug, Args)]
pub(crate) struct StoreArguments {
    /// The store, as `duckdb:PATH`
    #[arg(long, value_name = "URL", env = "BATON_STORE")]
    store: Option<StoreUrl>,
}

impl StoreArguments {
    pub(crate) fn url(self) -> anyhow::Result<StoreUrl> {
        match self.store {
            Some(url) => Ok(url),
            None => Err(Usage("no store is named: expected `--store duckdb:PATH`, or BATON_STORE=duckdb:PATH in the environment").into()),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct WidthArguments {
    /// Columns to draw in; those of the terminal if left out, 100 in a pipe
    #[arg(long, value_name = "COLUMNS", env = "COLUMNS", hide_env = true, value_parser = parse_width)]
    width: Option<Width>,
}

/// `None` for an empty variable.
#[derive(Debug, Clone, Copy)]
struct Width(Option<usize>);

impl WidthArguments {
    pub(crate) fn columns(&self) -> usize {
        let terminal = || {
            terminal_size::terminal_size_of(std::io::stdout())
                .map(|(width, _)| usize::from(width.0))
        };
        self.width
            .and_then(|width| width.0)
            .or_else(terminal)
            .unwrap_or(100)
    }
}

fn parse_width(text: &str) -> Result<Width, String> {
    match text.parse() {
        _ if text.is_empty() => Ok(Width(None)),
        Ok(columns @ 20..=10_000) => Ok(Width(Some(columns))),
        _ => Err("expected a number of columns from 20 to 10000".into()),
    }
}

/// As OpenTelemetry writes it, with dashes, or as X-Ray does: `1-5759e988-bd862e3fe1be46a994272793`.
fn parse_trace_id(text: &str) -> Result<String, String> {
    let xray = text
        .strip_prefix("1-")
        .filter(|rest| rest.len() == 33 && rest.find('-') == Some(8));
    let digits = xray.unwrap_or(text).replace('-', "");
    let wrong = digits
        .chars()
        .find(|character| !character.is_ascii_hexdigit());
    match (wrong, digits.len()) {
        (None, 32) => Ok(digits.to_ascii_lowercase()),
        (None, length) => Err(format!("expected 32 hexadecimal digits, found {length}")),
        (Some(wrong), _) => Err(format!("expected 32 hexadecimal digits, found {wrong:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_argument_is_explained() {
        Arguments::command().help_expected(true).debug_assert();
    }

    #[test]
    fn trace_ids() {
        assert_eq!(
            parse_trace_id("5B8EFFF798038103D269B633813FC60C").unwrap(),
            "5b8efff798038103d269b633813fc60c"
        );
        for same in [
            "5b8efff7-9803-8103-d269-b633813fc60c",
            "1-5b8efff7-98038103d269b633813fc60c",
            "1-5B8EFFF7-98038103D269B633813FC60C",
        ] {
            assert_eq!(
                parse_trace_id(same).as_deref(),
                Ok("5b8efff798038103d269b633813fc60c")
            );
        }
        assert!(parse_trace_id("2-5b8efff7-98038103d269b633813fc60c").is_err());
        assert_eq!(
            parse_trace_id("5b8e").unwrap_err(),
            "expected 32 hexadecimal digits, found 4"
        );
        assert_eq!(
            parse_trace_id("xyz").unwrap_err(),
            "expected 32 hexadecimal digits, found 'x'"
        );
    }

    #[test]
    fn comments_are_no_options() {
        for comment in ["-- all\nSELECT 1", "--all\nSELECT 1 = 1", "-- "] {
            assert!(begins_with_comment(comment), "{comment}");
        }
        for option in [
            "--",
            "--format",
            "--store=duckdb:/a b",
            "--bogus",
            "SELECT 1 -- one",
            "-h",
        ] {
            assert!(!begins_with_comment(option), "{option}");
        }
    }

    #[test]
    fn widths() {
        assert!(parse_width("").unwrap().0.is_none());
        assert_eq!(parse_width("120").unwrap().0, Some(120));
        assert!(parse_width("0").is_err() && parse_width("wide").is_err());
    }
}
