//! sqlcommenter: a comment at the end of a statement says who sent it (<https://google.github.io/sqlcommenter/spec/>).

use std::collections::BTreeMap;

use opentelemetry::trace::SpanContext;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Dialect,
    scan::{Kind, Tokens},
};
use crate::context::{TRACEPARENT, TraceContext};

/// As JavaScript's `encodeURIComponent`, which the specification names, and also what could end a string or a comment.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

#[derive(Clone, Debug, Default)]
pub(super) struct Comments {
    /// Encoded already; sorted by key, as the specification wants it.
    tags: BTreeMap<String, String>,
    pub(super) traceparent: bool,
}

impl Comments {
    pub(super) fn tag(&mut self, key: &str, value: &str) {
        let encode = |text| utf8_percent_encode(text, ENCODED).to_string();
        self.tags.insert(encode(key), encode(value));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tags.is_empty() && !self.traceparent
    }

    /// The text with its comment; `None` leaves the text alone.
    pub(super) fn append(
        &self,
        sql: &str,
        dialect: Dialect,
        prepared: bool,
        span: &SpanContext,
    ) -> Option<String> {
        let traceparent = if self.traceparent && !prepared {
            TraceContext::from_span_context(span)
        } else {
            None
        };
        let traceparent = traceparent.map(|context| context.traceparent().as_str().to_owned());
        if self.tags.is_empty() && traceparent.is_none() {
            return None;
        }
        let end = end_of_last_statement(sql, dialect)?;
        let (before, after) = sql.split_at_checked(end)?;
        let mut pairs = self.tags.clone();
        pairs.extend(traceparent.map(|value| (TRACEPARENT.to_owned(), value)));
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| format!("{key}='{value}'"))
            .collect();
        Some(format!("{before} /*{}*/{after}", pairs.join(",")))
    }
}

/// In front of the semicolon: what stands after it is one more statement to some servers. `None` when there is a comment
/// already, a string that does not end, or no statement.
fn end_of_last_statement(sql: &str, dialect: Dialect) -> Option<usize> {
    let mut at = 0;
    let mut end = None;
    for token in Tokens::new(sql, dialect) {
        at += token.text.len();
        match token.kind {
            // In an open string the comment would close it.
            Kind::Comment | Kind::Open => return None,
            Kind::Space => {}
            _ if token.text == ";" => {}
            _ => end = Some(at),
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceFlags, TraceId, TraceState};

    use super::*;

    fn span() -> SpanContext {
        SpanContext::new(
            TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736),
            SpanId::from(0x00f0_67aa_0ba9_02b7),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        )
    }

    fn both() -> Comments {
        let mut comments = Comments::default();
        comments.tag("service", "in'ven*/tory");
        comments.tag("db driver", "sqlx");
        comments.traceparent = true;
        comments
    }

    #[track_caller]
    fn check(sql: &str, prepared: bool, expected: Option<&str>) {
        let appended = both().append(sql, Dialect::Sqlite, prepared, &span());
        assert_eq!(appended.as_deref(), expected);
    }

    #[test]
    fn tags_stand_on_every_statement_and_the_traceparent_on_unprepared_ones() {
        check(
            "SELECT 1",
            true,
            Some("SELECT 1 /*db%20driver='sqlx',service='in%27ven%2A%2Ftory'*/"),
        );
        check(
            "SELECT 1",
            false,
            Some(
                "SELECT 1 /*db%20driver='sqlx',service='in%27ven%2A%2Ftory',traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/",
            ),
        );
    }

    #[test]
    fn the_comment_stands_in_front_of_the_last_semicolon() {
        check(
            "SELECT 1; SELECT ';' ; \n",
            true,
            Some("SELECT 1; SELECT ';' /*db%20driver='sqlx',service='in%27ven%2A%2Ftory'*/ ; \n"),
        );
    }

    #[test]
    fn a_text_with_a_comment_or_without_a_statement_is_left_alone() {
        for sql in [
            "SELECT 1 /* mine */",
            "SELECT 1 -- mine",
            "/* a */ SELECT 1",
            "",
            " ; ",
            "SELECT 'open",
            "SELECT \"open",
            "SELECT [open",
        ] {
            check(sql, false, None);
        }
        check(
            "SELECT '/* a string */'",
            true,
            Some("SELECT '/* a string */' /*db%20driver='sqlx',service='in%27ven%2A%2Ftory'*/"),
        );
    }

    #[test]
    fn an_invalid_span_gives_no_traceparent() {
        let comments = Comments {
            traceparent: true,
            ..Comments::default()
        };
        let appended = comments.append("SELECT 1", Dialect::MySql, false, &SpanContext::NONE);
        assert_eq!(appended, None);
    }
}
