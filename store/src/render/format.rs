//! The formats of rows.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use serde_json::Value;

use super::{RenderError, table};
use crate::query::Rows;

/// How rows are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: fits the width, cuts long cells.
    #[default]
    Table,
    /// An array of objects, one for each row.
    Json,
    /// An object on a line, one for each row.
    Ndjson,
    /// RFC 4180 with a header; an empty field is NULL or an empty text, a list or a map is its JSON.
    Csv,
}

impl FromStr for Format {
    type Err = RenderError;

    fn from_str(name: &str) -> Result<Self, RenderError> {
        match name {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "ndjson" => Ok(Self::Ndjson),
            "csv" => Ok(Self::Csv),
            _ => Err(RenderError::UnknownFormat(name.into())),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        })
    }
}

/// Prints rows in a format; `width` is that of the terminal and counts for tables.
///
/// ```
/// use baton_store::query::execute;
/// use baton_store::render::{Format, write_rows};
///
/// let connection = duckdb::Connection::open_in_memory()?;
/// let rows = execute(&connection, "SELECT 'a,b' AS text, NULL AS nothing, 3 AS number", &[])?;
/// let mut out = Vec::new();
/// write_rows(&mut out, &rows, Format::Csv, 80)?;
/// assert_eq!(String::from_utf8(out)?, "text,nothing,number\n\"a,b\",,3\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The output is closed or full.
pub fn write_rows(
    out: &mut impl Write,
    rows: &Rows,
    format: Format,
    width: usize,
) -> Result<(), RenderError> {
    match format {
        Format::Table => out.write_all(table::draw(rows, width).as_bytes())?,
        Format::Json => write_json(out, rows)?,
        Format::Ndjson => {
            for object in rows.objects() {
                serde_json::to_writer(&mut *out, &object)?;
                out.write_all(b"\n")?;
            }
        }
        Format::Csv => write_csv(out, rows)?,
    }
    Ok(out.flush()?)
}

/// One row on a line: valid JSON that a person can also read.
fn write_json(out: &mut impl Write, rows: &Rows) -> Result<(), RenderError> {
    out.write_all(b"[")?;
    for (index, object) in rows.objects().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &object)?;
    }
    out.write_all(if rows.rows.is_empty() {
        b"]\n"
    } else {
        b"\n]\n"
    })?;
    Ok(())
}

fn write_csv(out: &mut impl Write, rows: &Rows) -> Result<(), RenderError> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(rows.columns.iter().map(|column| column.name.as_str()))?;
    for row in &rows.rows {
        csv.write_record(row.iter().map(field))?;
    }
    csv.flush()?;
    Ok(())
}

fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
