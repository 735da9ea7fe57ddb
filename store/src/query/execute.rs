//! SQL on a connection.

use duckdb::types::Value as Bound;
use duckdb::{Connection, Statement, params_from_iter};
use serde_json::Value;

use super::error::{QueryError, text};
use super::{Column, Rows, json, type_name};

/// Runs `sql` on a connection and reads the whole answer.
///
/// Of several statements all run and the last one answers. `params` are bound to `?` or `$1` in order.
///
/// ```
/// use baton_store::query::execute;
///
/// let connection = duckdb::Connection::open_in_memory()?;
/// let rows = execute(&connection, "SELECT ? + 1 AS next, [1.5] AS list", &[41.into()])?;
/// assert_eq!(serde_json::to_string(&rows.rows)?, "[[42,[1.5]]]");
/// assert_eq!(rows.columns[0].type_name, "BIGINT");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What DuckDB said about the statement, or a parameter that is a list or an object.
pub fn execute(connection: &Connection, sql: &str, params: &[Value]) -> Result<Rows, QueryError> {
    let mut statement = prepare(connection, sql)?;
    let bound = bind_all(&statement, params)?;
    statement
        .execute(params_from_iter(bound))
        .map_err(sql_error)?;
    read(&statement, None)
}

/// As [`execute`], with a bound. The answer is read while the query runs, so what is refused never lies in memory as a whole.
///
/// # Errors
/// As [`execute`], and [`QueryError::TooManyRows`] and [`QueryError::TooLarge`].
pub(crate) fn execute_within(
    connection: &Connection,
    sql: &str,
    params: &[Value],
    bounds: Bounds,
) -> Result<Rows, QueryError> {
    let mut statement = prepare(connection, sql)?;
    let bound = bind_all(&statement, params)?;
    // It would panic where `step` says what went wrong.
    drop(
        statement
            .stream_arrow(params_from_iter(bound))
            .map_err(sql_error)?,
    );
    read(&statement, Some(bounds))
}

/// What an answer may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) rows: usize,
    /// As values in memory; their JSON takes less.
    pub(crate) size_bytes: usize,
}

fn prepare<'a>(connection: &'a Connection, sql: &str) -> Result<Statement<'a>, QueryError> {
    refuse_blank(sql)?;
    connection.prepare(sql).map_err(sql_error)
}

/// DuckDB would say nothing helpful.
pub(crate) fn refuse_blank(sql: &str) -> Result<(), QueryError> {
    if !is_blank(sql) {
        return Ok(());
    }
    Err(QueryError::Sql {
        message: "no statement to run: expected SQL, for example `SELECT count(*) FROM spans`"
            .into(),
    })
}

fn bind_all(statement: &Statement<'_>, params: &[Value]) -> Result<Vec<Bound>, QueryError> {
    let bound = params
        .iter()
        .enumerate()
        .map(|(index, value)| bind(index + 1, value))
        .collect::<Result<Vec<_>, _>>()?;
    let expected = statement.parameter_count();
    if expected != bound.len() {
        return Err(QueryError::Sql {
            message: format!(
                "the statement has {expected} parameters, but {} were given",
                bound.len()
            ),
        });
    }
    Ok(bound)
}

fn read(statement: &Statement<'_>, bounds: Option<Bounds>) -> Result<Rows, QueryError> {
    let mut answer = Rows {
        columns: columns(statement),
        rows: Vec::new(),
    };
    let mut size_bytes = 0;
    while let Some(batch) = statement.step().map_err(sql_error)? {
        for row in 0..arrow::array::Array::len(&batch) {
            let values: Vec<Value> = batch
                .columns()
                .iter()
                .map(|column| json::value(column, row))
                .collect::<Result<_, _>>()?;
            if let Some(bounds) = bounds {
                size_bytes += values.iter().map(json::size_bytes).sum::<usize>();
                check(answer.rows.len() + 1, size_bytes, bounds)?;
            }
            answer.rows.push(values);
        }
    }
    correct(&mut answer);
    Ok(answer)
}

fn check(rows: usize, size_bytes: usize, bounds: Bounds) -> Result<(), QueryError> {
    if rows > bounds.rows {
        return Err(QueryError::TooManyRows { limit: bounds.rows });
    }
    if size_bytes > bounds.size_bytes {
        return Err(QueryError::TooLarge {
            limit_mib: bounds.size_bytes / 1024 / 1024,
        });
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
fn sql_error(error: duckdb::Error) -> QueryError {
    QueryError::Sql {
        message: text(&error),
    }
}

fn columns(statement: &Statement<'_>) -> Vec<Column> {
    let describe = |(index, name)| Column {
        name,
        type_name: type_name::of(&statement.column_logical_type(index)),
    };
    statement
        .column_names()
        .into_iter()
        .enumerate()
        .map(describe)
        .collect()
}

/// What Arrow's types do not tell, and those of the columns do: JSON is a value and no string of one, UHUGEINT is not signed.
fn correct(answer: &mut Rows) {
    for (index, column) in answer.columns.iter().enumerate() {
        let correct: fn(&Value) -> Option<Value> = match column.type_name.as_str() {
            "JSON" => |value| serde_json::from_str(value.as_str()?).ok(),
            "UHUGEINT" => |value| {
                let signed: i128 = value
                    .as_i64()
                    .map(i128::from)
                    .or_else(|| value.as_str()?.parse().ok())?;
                (signed < 0).then(|| signed.cast_unsigned().to_string().into())
            },
            _ => continue,
        };
        for value in answer.rows.iter_mut().filter_map(|row| row.get_mut(index)) {
            if let Some(corrected) = correct(value) {
                *value = corrected;
            }
        }
    }
}

fn bind(position: usize, value: &Value) -> Result<Bound, QueryError> {
    let refuse = |kind| Err(QueryError::Parameter { position, kind });
    Ok(match value {
        Value::Null => Bound::Null,
        Value::Bool(value) => Bound::Boolean(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), _, _) => Bound::BigInt(value),
            (_, Some(value), _) => Bound::UBigInt(value),
            (_, _, Some(value)) => Bound::Double(value),
            _ => return refuse("a number out of range"),
        },
        Value::String(value) => Bound::Text(value.clone()),
        Value::Array(_) => return refuse("a list"),
        Value::Object(_) => return refuse("an object"),
    })
}

/// Whether nothing but spaces, semicolons and comments stands in `sql`: DuckDB prepares no statement then.
fn is_blank(sql: &str) -> bool {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest.is_empty();
        };
    }
}

#[cfg(test)]
mod tests;
