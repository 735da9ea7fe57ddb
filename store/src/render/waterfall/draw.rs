//! Puts the picture together.

use std::fmt::Write as _;

use anstyle::Style;

use super::axis::Axis;
use super::duration::humanise;
use super::label::Label;
use super::line::{Line, RowKind};
use super::paint::{self, Bar, ERROR};
use super::tree::Node;
use super::{DIM, Title, header};
use crate::render::printable::{cut, flow, one_line, pad_left};

/// `59.9 ms`, `12m 30s`.
const DURATION_COLUMNS: usize = 8;
const NARROWEST_LABEL: usize = 24;

/// A line of the picture before it is drawn.
struct Row<'a> {
    label: Label,
    node: &'a Node<'a>,
    /// What to write below it, behind these branches.
    error: Option<(String, String)>,
}

pub(super) fn draw(title: &Title<'_>, lines: &[Line], forest: &[Node<'_>], width: usize) -> String {
    let mut services = Services::default();
    let mut rows = Vec::new();
    for node in forest {
        collect(node, "", "", None, &mut services, &mut rows);
    }
    let widest = rows.iter().map(|row| row.label.width()).max().unwrap_or(0);
    let label_columns = widest.clamp(
        NARROWEST_LABEL.min(width),
        (width * 48 / 100).max(NARROWEST_LABEL),
    );
    let axis = Axis::new(
        lines,
        width.saturating_sub(label_columns + DURATION_COLUMNS + 3),
    );
    let ticks = axis.ticks();
    let columns: Vec<usize> = ticks.iter().map(|(column, _)| *column).collect();

    let mut out = header::draw(title, lines, width);
    let _ = writeln!(
        out,
        "{}{DIM}{}{DIM:#}",
        " ".repeat(label_columns + DURATION_COLUMNS + 3),
        tick_labels(&ticks, axis.columns)
    );
    for row in &rows {
        draw_row(&mut out, row, label_columns, &axis, &columns);
        if let Some((branch, error)) = &row.error {
            let _ = writeln!(
                out,
                "{DIM}{branch}{DIM:#}{ERROR}{}{ERROR:#}",
                cut(error, width.saturating_sub(branch.chars().count()))
            );
        }
    }
    legend(&mut out, &rows, width);
    out
}

fn draw_row(out: &mut String, row: &Row<'_>, label_columns: usize, axis: &Axis, ticks: &[usize]) {
    let line = row.node.line;
    let total_ns = row.node.runs.iter().fold(0_i64, |total, (_, duration_ns)| {
        total.saturating_add(*duration_ns)
    });
    let (looks, style) = match line.kind_of_row {
        RowKind::Wait => (Bar::Wait, DIM),
        RowKind::Span if line.is_error() => (Bar::Solid, ERROR),
        RowKind::Span if line.shared => (Bar::Solid, DIM),
        RowKind::Span => (Bar::Solid, row.label.service_style),
    };
    let bar = paint::bar(&axis.cover(&row.node.runs), ticks, looks, style);
    let duration = pad_left(&humanise(total_ns), DURATION_COLUMNS);
    let _ = writeln!(out, "{} {duration}  {bar}", row.label.draw(label_columns));
}

/// The lines in order; `branch` leads to the line itself, `below` to what is under it.
fn collect<'a>(
    node: &'a Node<'a>,
    branch: &str,
    below: &str,
    above: Option<&Line>,
    services: &mut Services<'a>,
    rows: &mut Vec<Row<'a>>,
) {
    let service = node.line.service_name.as_str();
    // Where another invocation begins, also of the same service.
    let is_new =
        above.is_none_or(|above| above.service_name != service || (node.is_hop && !above.shared));
    let shown = Some(service).filter(|_| is_new && node.line.kind_of_row == RowKind::Span);
    let style = services.style(service);
    let error = node
        .line
        .error
        .as_deref()
        .filter(|error| !below_says(node, error));
    let stem = if node.children.is_empty() {
        "  "
    } else {
        "│ "
    };
    let error = error.map(|error| (format!("{below}{stem}"), one_line(error)));
    rows.push(Row {
        label: Label::new(node, branch.to_owned(), shown, style),
        node,
        error,
    });
    let last = node.children.len().saturating_sub(1);
    for (index, child) in node.children.iter().enumerate() {
        let (turn, stem) = if index == last {
            ("└ ", "  ")
        } else {
            ("├ ", "│ ")
        };
        collect(
            child,
            &format!("{below}{turn}"),
            &format!("{below}{stem}"),
            Some(node.line),
            services,
            rows,
        );
    }
}

/// An error that comes up from below is told once, where it began.
fn below_says(node: &Node<'_>, error: &str) -> bool {
    node.children
        .iter()
        .any(|child| child.line.error.as_deref() == Some(error) || below_says(child, error))
}

fn tick_labels(ticks: &[(usize, String)], columns: usize) -> String {
    let mut labels = String::new();
    let mut used = 0;
    for (column, label) in ticks {
        let wide = label.chars().count();
        if *column >= used && column + wide <= columns {
            labels.extend(std::iter::repeat_n(' ', column - used));
            labels.push_str(label);
            used = column + wide;
        }
    }
    labels
}

fn legend(out: &mut String, rows: &[Row<'_>], width: usize) {
    let mut parts = Vec::new();
    if rows
        .iter()
        .any(|row| row.node.line.kind_of_row == RowKind::Wait)
    {
        parts.push("░ in a queue");
    }
    if rows.iter().any(|row| row.node.runs.len() > 1) {
        parts.push("×N done N times, durations added up");
    }
    if rows.iter().any(|row| row.node.line.shared) {
        parts.push("(shared) a batch that also worked for others");
    }
    if !parts.is_empty() {
        let _ = writeln!(out, "\n{DIM}{}{DIM:#}", flow(&parts, "   ", width));
    }
}

/// Services in order of appearance: each has a colour.
#[derive(Default)]
struct Services<'a>(Vec<&'a str>);

impl<'a> Services<'a> {
    fn style(&mut self, service: &'a str) -> Style {
        let index = self
            .0
            .iter()
            .position(|known| *known == service)
            .unwrap_or_else(|| {
                self.0.push(service);
                self.0.len() - 1
            });
        paint::service_style(index)
    }
}
