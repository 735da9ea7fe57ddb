//! Rows as blocks: a line for each column, for answers with more columns than a terminal has room for.

use anstyle::Style;
use std::fmt::Write as _;

use super::printable::{cut, one_line, pad, width};
use super::table::text;
use crate::query::Rows;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub(super) fn draw(rows: &Rows, columns: usize) -> String {
    let names: Vec<String> = rows
        .columns
        .iter()
        .map(|column| cut(&one_line(&column.name), columns / 2))
        .collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let mut out = String::new();
    for (index, row) in rows.rows.iter().enumerate() {
        let title = format!("── row {} ", index + 1);
        let rule = "─".repeat(columns.saturating_sub(width(&title)));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{DIM}{title}{rule}{DIM:#}");
        for (name, value) in names.iter().zip(row) {
            let style = if value.is_null() { DIM } else { Style::new() };
            let text = cut(&text(value), columns.saturating_sub(widest + 2));
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#}  {style}{text}{style:#}",
                pad(name, widest)
            );
        }
    }
    out
}
