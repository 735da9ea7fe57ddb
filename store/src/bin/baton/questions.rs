//! The command lines of `baton doctor` and `baton search`.

use baton_store::moment::Moment;
use baton_store::render::Format;
use clap::Args;

use crate::arguments::{StoreArguments, WidthArguments};

/// Says what is wrong: what is slow, stuck, repeated, dead or failing, with the SQL behind it and a trace to open
///
/// It looks at the spans of the last hour, or as `--since` says, and needs no hint.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baton doctor
  baton doctor --since 2d
  baton doctor --since '2026-11-22 15:00' --sql
  baton doctor --format json")]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// How far to look back: `15m`, `1h`, `2d`, or a time in UTC
    #[arg(long, value_name = "WHEN", default_value = "1h", value_parser = parse_moment)]
    pub(crate) since: Moment,
    /// Shows the whole SQL of each finding
    #[arg(long)]
    pub(crate) sql: bool,
    /// `text` for people, `json` for programs
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

/// Finds traces by what their spans say
///
/// All conditions hold on one span, with its resource. In `trace(…)` each may hold on another span of the trace. Fields: service, name, kind, status,
/// status_message, duration, lag, trace_id, span_id, and every attribute; `span.`, `resource.`, `event.` and `link.` before a name say whose. Numbers compare
/// as numbers, `=~` is a regular expression. docs/search.md has the whole grammar.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baton search 'user.id = \"usr_12345\" AND http.status_code = 500' --since 1h
  baton search 'service = payment AND kind = CLIENT AND duration > 500ms'
  baton search 'lag > 30s'
  baton search 'status = ERROR AND NOT error.type IN (timeout, canceled)'
  baton search 'trace(service = order-api AND event.exception.message =~ \"mailbox\")' --explain")]
pub(crate) struct SearchArguments {
    /// The search, as one argument
    pub(crate) search: String,
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// Spans that started since then: `15m`, `1h`, `2d` ago, or a time in UTC
    #[arg(long, value_name = "WHEN", value_parser = parse_moment)]
    pub(crate) since: Option<Moment>,
    /// Spans that started before
    #[arg(long, value_name = "WHEN", value_parser = parse_moment)]
    pub(crate) until: Option<Moment>,
    /// So many traces, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: u32,
    /// Prints the SQL and its values instead of running it
    #[arg(long)]
    pub(crate) explain: bool,
    /// How rows are printed: `table`, `json`, `ndjson` or `csv`
    #[arg(long, value_name = "FORMAT", default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) width: WidthArguments,
}

fn parse_moment(text: &str) -> Result<Moment, baton_store::moment::MomentError> {
    Moment::parse(text, time::OffsetDateTime::now_utc())
}
