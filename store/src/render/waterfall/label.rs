//! The left side of the picture: branches, service, name, count.

use std::fmt::Write as _;

use anstyle::Style;

use super::line::{Line, RowKind};
use super::paint::ERROR;
use super::tree::Node;
use super::{BOLD, DIM};
use crate::render::printable::{cut, one_line, width};

/// What is left of the bars in one line.
#[derive(Debug)]
pub(super) struct Label {
    branch: String,
    mark: &'static str,
    service: String,
    name: String,
    suffix: String,
    pub(super) service_style: Style,
    name_style: Style,
}

impl Label {
    /// `service` where it differs from the line above in the tree.
    pub(super) fn new(
        node: &Node<'_>,
        branch: String,
        service: Option<&str>,
        service_style: Style,
    ) -> Self {
        let line = node.line;
        let name_style = match line.kind_of_row {
            _ if line.is_error() => ERROR,
            RowKind::Wait => DIM,
            RowKind::Span if line.shared => DIM,
            RowKind::Span if service.is_some() => BOLD,
            RowKind::Span => Style::new(),
        };
        Self {
            branch,
            mark: if line.is_error() { "✗ " } else { "" },
            service: service.map(one_line).unwrap_or_default(),
            name: one_line(&what(line)),
            suffix: suffix(node),
            service_style,
            name_style,
        }
    }

    pub(super) fn width(&self) -> usize {
        width(&self.branch)
            + width(self.mark)
            + width(&self.service)
            + width(self.gap())
            + width(&self.name)
            + width(&self.suffix)
    }

    fn gap(&self) -> &'static str {
        if self.service.is_empty() { "" } else { "  " }
    }

    /// In exactly `columns` columns: the name gives first, then the service, then the branches.
    pub(super) fn draw(&self, columns: usize) -> String {
        let branch = end_of(&self.branch, columns / 2);
        let fixed = width(&branch) + width(self.mark) + width(self.gap()) + width(&self.suffix);
        let room = columns.saturating_sub(fixed);
        let service = cut(&self.service, room / 2);
        let name = cut(&self.name, room.saturating_sub(width(&service)));
        let used = fixed + width(&service) + width(&name);
        let (service_style, name_style) = (self.service_style, self.name_style);
        let mut out = format!("{DIM}{branch}{DIM:#}{ERROR}{}{ERROR:#}", self.mark);
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "{service_style}{service}{service_style:#}{}{name_style}{name}{name_style:#}{DIM}{}{DIM:#}",
            self.gap(),
            self.suffix
        );
        out + &" ".repeat(columns.saturating_sub(used))
    }
}

/// The last branches, where there are too many.
fn end_of(branch: &str, columns: usize) -> String {
    let surplus = branch.chars().count().saturating_sub(columns);
    if surplus == 0 {
        branch.into()
    } else {
        format!("…{}", branch.chars().skip(surplus + 1).collect::<String>())
    }
}

/// What was done: the statement, or the name with the host that was called.
fn what(line: &Line) -> String {
    match (line.statement.as_deref(), line.peer.as_deref()) {
        (Some(statement), _) if !statement.is_empty() => statement.into(),
        (_, Some(peer)) if !line.name.contains(peer) => format!("{} {peer}", line.name),
        _ => line.name.clone(),
    }
}

fn suffix(node: &Node<'_>) -> String {
    let count = node.runs.len();
    if count > 1 {
        return format!(" ×{count}");
    }
    match (node.line.kind_of_row, node.line.receive_count) {
        (RowKind::Wait, Some(delivery @ 2..)) => format!(" (delivery {delivery})"),
        (RowKind::Span, _) if node.line.shared => " (shared)".into(),
        _ => String::new(),
    }
}
