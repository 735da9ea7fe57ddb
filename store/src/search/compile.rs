//! Search lines as SQL.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::expression::{Check, Expression, Field, Op, Test, Value};
use crate::moment::Moment;

/// Which spans are searched, and how many traces are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Spans that started then or later.
    pub since: Option<Moment>,
    /// Spans that started before.
    pub until: Option<Moment>,
    /// So many traces, the newest first.
    pub limit: u32,
}

/// SQL and the values for its parameters, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// One SELECT.
    pub sql: String,
    /// What `$1`, `$2`, … stand for.
    pub params: Vec<Json>,
}

/// The SQL that finds the traces of a search. `columns` are those of `spans`: attributes that have one are read from it.
///
/// ```
/// use baton_store::search::{Scope, compile, parse};
///
/// let scope = Scope { since: None, until: None, limit: 20 };
/// let found = compile(&parse("user.id = usr_1 AND duration > 1s")?, &scope, &[]);
/// assert!(found.sql.contains("duration_ns > 1000000000"));
/// assert_eq!(found.params, ["usr_1"]);
/// # Ok::<(), baton_store::search::SearchError>(())
/// ```
#[must_use]
pub fn compile(expression: &Expression, scope: &Scope, columns: &[String]) -> Compiled {
    let bound =
        |moment: Option<Moment>| moment.map_or_else(|| "NULL".into(), |moment| moment.sql());
    let window = format!("({}, {})", bound(scope.since), bound(scope.until));
    let mut writer = Writer {
        columns,
        window: &window,
        params: Vec::new(),
    };
    let condition = writer.condition(expression, false);
    let sql = include_str!("../../sql/search.sql")
        .replace("$window", &window)
        .replace("$limit", &scope.limit.to_string())
        .replace("$condition", &condition);
    Compiled {
        sql,
        params: writer.params,
    }
}

struct Writer<'a> {
    columns: &'a [String],
    window: &'a str,
    params: Vec<Json>,
}

impl Writer<'_> {
    fn condition(&mut self, expression: &Expression, any_span: bool) -> String {
        match expression {
            Expression::And(all) => self.join(all, " AND ", any_span),
            Expression::Or(all) => self.join(all, " OR ", any_span),
            // Without a value nothing is true of it, so `NOT` is.
            Expression::Not(inner) => format!("({}) IS NOT TRUE", self.condition(inner, any_span)),
            Expression::Trace(inner) => self.condition(inner, true),
            Expression::Test(test) if any_span => {
                let test = self.test(test);
                format!(
                    "trace_id IN (SELECT trace_id FROM baton_data.spans_within{} WHERE {test})",
                    self.window
                )
            }
            Expression::Test(test) => self.test(test),
        }
    }

    fn join(&mut self, all: &[Expression], with: &str, any_span: bool) -> String {
        let all: Vec<String> = all
            .iter()
            .map(|one| self.condition(one, any_span))
            .collect();
        format!("({})", all.join(with))
    }

    fn test(&mut self, test: &Test) -> String {
        match (&test.field, &test.check) {
            (Field::Event(key), check) => self.within("events", "event", key, check),
            (Field::Link(key), check) => self.within("links", "link", key, check),
            (Field::Lag, check) => {
                let lag = self.check("lag_ns", check);
                format!(
                    "(trace_id, span_id) IN (SELECT consumer_trace_id, consumer_span_id FROM hops{} WHERE {lag})",
                    self.window
                )
            }
            (Field::Duration, check) => self.check("duration_ns", check),
            (Field::Column(column), check) => self.check(column, &upper_case(column, check)),
            (Field::Span(key), check) => self.check(&entry("attributes", key), check),
            (Field::Resource(key), check) => self.check(&entry("resource_attributes", key), check),
            (Field::Attribute(key), check) => self.attribute(key, check),
        }
    }

    fn attribute(&mut self, key: &str, check: &Check) -> String {
        if key.contains('.') && self.columns.iter().any(|column| column == key) {
            let name = format!("\"{}\"", key.replace('"', "\"\""));
            return self.check(
                &format!(
                    "coalesce({name}::VARCHAR, {})",
                    entry("resource_attributes", key)
                ),
                check,
            );
        }
        self.check(
            &format!(
                "coalesce({}, {})",
                entry("attributes", key),
                entry("resource_attributes", key)
            ),
            check,
        )
    }

    fn within(&mut self, list: &str, one: &str, key: &str, check: &Check) -> String {
        let own: &[&str] = if one == "event" {
            &["name"]
        } else {
            &["trace_id", "span_id", "trace_state"]
        };
        let value = if own.contains(&key) {
            format!("{one}.{key}")
        } else {
            entry(&format!("{one}.attributes"), key)
        };
        let check = self.check(&value, check);
        format!("len(list_filter({list}, lambda {one}: {check})) > 0")
    }

    fn check(&mut self, value: &str, check: &Check) -> String {
        match check {
            Check::Exists => format!("{value} IS NOT NULL"),
            Check::Compare(op, with) => self.compare(value, *op, with),
            Check::In(values) => {
                let each: Vec<String> = values
                    .iter()
                    .map(|with| self.compare(value, Op::Equal, with))
                    .collect();
                format!("({})", each.join(" OR "))
            }
        }
    }

    fn compare(&mut self, value: &str, op: Op, with: &Value) -> String {
        let sign = match op {
            Op::Equal => "=",
            Op::NotEqual => "<>",
            Op::Less => "<",
            Op::LessOrEqual => "<=",
            Op::Greater => ">",
            Op::GreaterOrEqual => ">=",
            Op::Matches => return format!("regexp_matches({value}, {})", self.bind(typed(with))),
            Op::MatchesNot => {
                return format!("NOT regexp_matches({value}, {})", self.bind(typed(with)));
            }
        };
        match with {
            Value::Duration(nanos, _) if value.ends_with("_ns") => {
                format!("{value} {sign} {nanos}")
            }
            Value::Number(number) => {
                let number = self.bind(number);
                // A decimal keeps all digits of an id; what is too large or too small for one is compared as a double.
                let decimal = format!(
                    "TRY_CAST({value} AS DECIMAL(38, 9)) {sign} TRY_CAST({number} AS DECIMAL(38, 9))"
                );
                format!(
                    "coalesce({decimal}, TRY_CAST({value} AS DOUBLE) {sign} TRY_CAST({number} AS DOUBLE))"
                )
            }
            Value::Text(text) | Value::Duration(_, text) => {
                format!("{value} {sign} {}", self.bind(text))
            }
        }
    }

    fn bind(&mut self, text: &str) -> String {
        self.params.push(text.into());
        let mut place = String::from("$");
        // Writing to a String cannot fail.
        let _ = write!(place, "{}", self.params.len());
        place
    }
}

fn typed(value: &Value) -> &str {
    match value {
        Value::Text(text) | Value::Number(text) | Value::Duration(_, text) => text,
    }
}

/// `kind` and `status` hold upper case.
fn upper_case(column: &str, check: &Check) -> Check {
    let upper = |value: &Value| match value {
        Value::Text(text) => Value::Text(text.to_ascii_uppercase()),
        other => other.clone(),
    };
    match check {
        Check::Compare(op, value) if matches!(column, "kind" | "status_code") => {
            Check::Compare(*op, upper(value))
        }
        Check::In(values) if matches!(column, "kind" | "status_code") => {
            Check::In(values.iter().map(upper).collect())
        }
        other => other.clone(),
    }
}

fn entry(map: &str, key: &str) -> String {
    format!("{map}['{}']", key.replace('\'', "''"))
}
