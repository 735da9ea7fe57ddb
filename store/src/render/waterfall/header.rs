//! What stands above the picture.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use time::OffsetDateTime;
use time::macros::format_description;

use super::duration::humanise;
use super::line::{Line, RowKind};
use super::paint::ERROR;
use super::{BOLD, DIM, Title};
use crate::render::counted;
use crate::render::printable::{cut, flow, one_line};

pub(super) fn draw(title: &Title<'_>, lines: &[Line], width: usize) -> String {
    let spans: Vec<&Line> = lines
        .iter()
        .filter(|line| line.kind_of_row == RowKind::Span)
        .collect();
    let services: BTreeSet<&str> = spans
        .iter()
        .map(|span| span.service_name.as_str())
        .collect();
    let errors = spans.iter().filter(|span| span.is_error()).count();
    let start_ns = lines
        .iter()
        .map(|line| line.start_time_ns)
        .min()
        .unwrap_or(0);
    // A shared batch goes on after this workflow's message is done.
    let end_ns = lines
        .iter()
        .filter(|line| !line.shared)
        .map(Line::end_time_ns)
        .max()
        .unwrap_or(start_ns);
    let waited_ns = waited_ns(lines);

    let mut parts = vec![format!(
        "{} in all",
        humanise(end_ns.saturating_sub(start_ns))
    )];
    if waited_ns > 0 {
        parts.push(format!("{} in queues", humanise(waited_ns)));
    }
    parts.extend([
        counted(spans.len(), "span"),
        counted(services.len(), "service"),
    ]);
    parts.push(if errors == 0 {
        "no errors".into()
    } else {
        counted(errors, "error")
    });

    let mut out = String::new();
    if let Some(root) = spans.first() {
        let (service, name) = (one_line(&root.service_name), one_line(&root.name));
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{BOLD}{}{BOLD:#}",
            cut(&format!("{service}  {name}"), width)
        );
    }
    let origin = [format!("{} {}", title.kind, title.id), start(start_ns)];
    let _ = writeln!(out, "{DIM}{}{DIM:#}", flow(&origin, " · ", width));
    let summary = flow(&parts, " · ", width);
    let failed = if errors == 0 {
        String::new()
    } else {
        counted(errors, "error")
    };
    let before = summary.strip_suffix(&failed).unwrap_or(&summary);
    let _ = writeln!(out, "{before}{ERROR}{failed}{ERROR:#}\n");
    out
}

fn start(start_ns: i64) -> String {
    let format = format_description!(
        "[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3] UTC"
    );
    let time = OffsetDateTime::from_unix_timestamp_nanos(start_ns.into());
    time.ok()
        .and_then(|time| time.format(format).ok())
        .unwrap_or_else(|| format!("{start_ns} ns"))
}

/// How long at least one message waited: waits at the same time count once.
fn waited_ns(lines: &[Line]) -> i64 {
    let mut waits: Vec<(i64, i64)> = lines
        .iter()
        .filter(|line| line.kind_of_row == RowKind::Wait)
        .map(|line| (line.start_time_ns, line.end_time_ns()))
        .collect();
    waits.sort_unstable();
    let mut until = i64::MIN;
    let mut total = 0_i64;
    for (start, end) in waits {
        total = total.saturating_add(end.saturating_sub(start.max(until)).max(0));
        until = until.max(end);
    }
    total
}
