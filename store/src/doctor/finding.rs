//! A row of a check, in words.

use serde::Serialize;
use serde_json::{Map, Value};

use super::checks::{Check, within};
use crate::moment::Moment;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub check: &'static str,
    /// Its title.
    #[serde(skip)]
    pub title: &'static str,
    /// One sentence.
    pub finding: String,
    /// A trace that shows it: `baton workflow ID`.
    pub trace_id: Option<String>,
    /// The SQL whose row it is.
    pub sql: String,
    /// SQL to see more of it.
    pub more: String,
    /// The row itself.
    pub values: Map<String, Value>,
}

impl Finding {
    pub(super) fn new(
        check: &Check,
        sql: &str,
        since: Option<Moment>,
        mut values: Map<String, Value>,
    ) -> Self {
        let trace_id = values
            .remove("trace_id")
            .and_then(|id| id.as_str().map(str::to_owned));
        Self {
            check: check.name,
            title: check.title,
            finding: check
                .sentence
                .iter()
                .filter_map(|part| fill(part, &values))
                .collect(),
            trace_id,
            sql: sql.into(),
            more: within(check.more, since),
            values,
        }
    }
}

/// `None` when a value is missing.
fn fill(part: &str, values: &Map<String, Value>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        match values.get(name)? {
            Value::Null => return None,
            Value::String(text) => filled.push_str(text),
            other => filled.push_str(&other.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_part_without_its_value_is_left_out() {
        let values = json!({"a": 3, "b": null, "c": "x"});
        let values = values.as_object().unwrap();
        assert_eq!(fill("{a} of {c}", values).as_deref(), Some("3 of x"));
        assert_eq!(fill(", {b}", values), None);
        assert_eq!(fill("plain", values).as_deref(), Some("plain"));
    }
}
