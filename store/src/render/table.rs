//! Rows as a table.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::Value;

use super::counted;
use super::printable::{cut, one_line, pad, pad_left, width};
use super::records;
use crate::query::{Column, Rows};

/// Narrower than this a column says nothing.
const NARROWEST: usize = 6;
/// A cell is read, not studied: json and csv have the rest.
const WIDEST: usize = 120;
/// Between two columns.
const GAP: &str = "  ";

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The table, and a line that counts its rows. Too many columns for the width: a block for each row.
pub(super) fn draw(rows: &Rows, columns: usize) -> String {
    let mut out = match widths(rows, columns) {
        Some(widths) => grid(rows, &widths),
        None => records::draw(rows, columns),
    };
    let count = counted(rows.rows.len(), "row");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{DIM}{count}{DIM:#}");
    out
}

fn grid(rows: &Rows, widths: &[usize]) -> String {
    let mut out = String::new();
    let header = rows
        .columns
        .iter()
        .map(|column| (BOLD, one_line(&column.name)));
    line(&mut out, header, &rows.columns, widths);
    let rules: Vec<String> = widths.iter().map(|wide| "─".repeat(*wide)).collect();
    let _ = writeln!(out, "{DIM}{}{DIM:#}", rules.join(GAP));
    for row in &rows.rows {
        let cells = row.iter().map(|value| {
            (
                if value.is_null() { DIM } else { Style::new() },
                text(value),
            )
        });
        line(&mut out, cells, &rows.columns, widths);
    }
    out
}

fn line(
    out: &mut String,
    cells: impl Iterator<Item = (Style, String)>,
    columns: &[Column],
    widths: &[usize],
) {
    let last = widths.len().saturating_sub(1);
    for (index, (((style, text), column), wide)) in cells.zip(columns).zip(widths).enumerate() {
        let text = cut(&text, *wide);
        let text = match (is_number(column), index == last) {
            (true, _) => pad_left(&text, *wide),
            // No blanks at the end of a line.
            (false, true) => text,
            (false, false) => pad(&text, *wide),
        };
        let _ = write!(
            out,
            "{}{style}{text}{style:#}",
            if index == 0 { "" } else { GAP }
        );
    }
    out.push('\n');
}

fn is_number(column: &Column) -> bool {
    let name = column.type_name.as_str();
    name.ends_with("INT")
        || matches!(name, "INTEGER" | "UINTEGER" | "DOUBLE" | "FLOAT")
        || name.starts_with("DECIMAL")
}

/// A part of a number or a time is another number or time: such columns are whole, or the rows become blocks.
fn is_whole(column: &Column) -> bool {
    let name = column.type_name.as_str();
    is_number(column)
        || ["HUGEINT", "TIME", "DATE", "BOOL"]
            .iter()
            .any(|kind| name.contains(kind))
}

/// A value on one line.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::String(text) => one_line(text),
        other => one_line(&other.to_string()),
    }
}

/// The width of each column so that the table fits, or `None` where it cannot. The widest columns give first, then ids: a part of
/// an id is of little use. Numbers and times give nothing.
fn widths(rows: &Rows, columns: usize) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = rows
        .columns
        .iter()
        .map(|column| width(&one_line(&column.name)))
        .collect();
    for row in &rows.rows {
        for (wide, value) in widths.iter_mut().zip(row) {
            *wide = (*wide).max(width(&text(value)));
        }
    }
    let room = columns.saturating_sub(widths.len().saturating_sub(1) * GAP.len());
    for wide in &mut widths {
        *wide = (*wide).min(WIDEST);
    }
    let least = |(wide, column): (&usize, &Column)| match is_whole(column) {
        true => *wide,
        false => (*wide).min(NARROWEST),
    };
    if widths.iter().zip(&rows.columns).map(least).sum::<usize>() > room {
        return None;
    }
    while widths.iter().sum::<usize>() > room {
        let gives = |(wide, column): &(&mut usize, &Column)| {
            let is_flexible = !is_whole(column) && **wide > NARROWEST;
            (
                is_flexible,
                is_flexible && !column.name.ends_with("_id"),
                **wide,
            )
        };
        let (widest, _) = widths.iter_mut().zip(&rows.columns).max_by_key(gives)?;
        *widest -= 1;
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::execute;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(sql: &str, columns: usize, expected: &Expect) {
        let connection = duckdb::Connection::open_in_memory().unwrap();
        let text = draw(&execute(&connection, sql, &[]).unwrap(), columns);
        expected.assert_eq(&anstream::adapter::strip_str(&text).to_string());
    }

    #[test]
    fn numbers_stand_right_and_nulls_are_seen() {
        check(
            "SELECT 'orders' AS queue, 12 AS n, NULL AS x UNION ALL SELECT 'payments', 3, 4.5",
            60,
            &expect![[r#"
            queue      n     x
            ────────  ──  ────
            orders    12  NULL
            payments   3   4.5
            2 rows
        "#]],
        );
    }

    #[test]
    fn long_cells_are_cut_to_fit() {
        check(
            "SELECT 'order-api' AS service, repeat('SELECT qty ', 20) AS statement, 7 AS n",
            50,
            &expect![[r#"
            service    statement                             n
            ─────────  ────────────────────────────────────  ─
            order-api  SELECT qty SELECT qty SELECT qty SE…  7
            1 row
        "#]],
        );
    }

    #[test]
    fn numbers_and_times_are_never_cut() {
        let sql = "SELECT repeat('order', 9) AS name, TIMESTAMPTZ '2026-11-22 16:30:00Z' AS start_time, 1234567890123 AS ns";
        check(
            sql,
            60,
            &expect![[r#"
                name                     start_time                       ns
                ───────────────────────  ────────────────────  ─────────────
                orderorderorderorderor…  2026-11-22T16:30:00Z  1234567890123
                1 row
            "#]],
        );
        check(
            sql,
            40,
            &expect![[r#"
                ── row 1 ───────────────────────────────
                name        orderorderorderorderorderor…
                start_time  2026-11-22T16:30:00Z
                ns          1234567890123
                1 row
            "#]],
        );
    }

    #[test]
    fn ids_are_cut_last() {
        let sql = "SELECT repeat('0123456789abcdef', 2) AS trace_id, 'order-api' AS root_service, 'POST /checkout' AS root_name";
        check(
            sql,
            52,
            &expect![[r#"
            trace_id                          root_se…  root_na…
            ────────────────────────────────  ────────  ────────
            0123456789abcdef0123456789abcdef  order-a…  POST /c…
            1 row
        "#]],
        );
        check(
            sql,
            30,
            &expect![[r#"
            trace_id        root_…  root_…
            ──────────────  ──────  ──────
            0123456789abc…  order…  POST…
            1 row
        "#]],
        );
    }

    #[test]
    fn a_terminal_is_not_driven_by_values() {
        check(
            "SELECT chr(27) || '[2J' || chr(10) || 'x' AS text, MAP {'a': 'b'} AS map",
            50,
            &expect![[r#"
            text    map
            ──────  ─────────
            �[2J x  {"a":"b"}
            1 row
        "#]],
        );
    }

    #[test]
    fn too_many_columns_become_blocks() {
        check(
            "SELECT 1 AS trace_id, 'abcdefghijklmnopqrstuvwxyz0123456789' AS span_id, NULL AS parent_span_id, 4 AS service, 5 AS name FROM range(2)",
            24,
            &expect![[r#"
            ── row 1 ───────────────
            trace_id      1
            span_id       abcdefghi…
            parent_span…  NULL
            service       4
            name          5
            ── row 2 ───────────────
            trace_id      1
            span_id       abcdefghi…
            parent_span…  NULL
            service       4
            name          5
            2 rows
        "#]],
        );
    }

    #[test]
    fn no_rows() {
        check(
            "SELECT 1 AS a WHERE false",
            40,
            &expect![[r#"
            a
            ─
            0 rows
        "#]],
        );
    }
}
