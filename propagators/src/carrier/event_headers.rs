//! HTTP headers inside the JSON of a Lambda event, and whatever else looks like them.

use std::borrow::Cow;

use opentelemetry::propagation::Extractor;

use super::Carrier;
use crate::json::Raw;

/// The headers of an API Gateway, ALB, VPC Lattice, AppSync or Function URL event, in order, matched without case.
///
/// `multiValueHeaders` wins over `headers` where both are present, because only it shows duplicates. Either may be
/// `null` or absent: the console's test event and ALB's two modes do that. A value is a string or a list of them.
///
/// ```
/// use baton_propagators::carrier::{Carrier, EventHeaders};
///
/// let headers = EventHeaders::from_json(Some(r#"{"TraceParent": "00-…"}"#), Some("null"));
/// assert_eq!(headers.values_of("traceparent").collect::<Vec<_>>(), ["00-…"]);
///
/// let headers = EventHeaders::from_json(None, Some(r#"{"tracestate": ["a=1", "b=2"]}"#));
/// assert_eq!(headers.values_of("tracestate").collect::<Vec<_>>(), ["a=1", "b=2"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct EventHeaders<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

// ===== impl EventHeaders =====

impl<'a> EventHeaders<'a> {
    /// Reads the two fields of the event. A value that is no text reads as an empty one, which no format takes for valid.
    #[must_use]
    pub fn from_json(headers: Option<&'a str>, multi_value_headers: Option<&'a str>) -> Self {
        let raw = |json: &'a str| Raw::of(json.as_bytes());
        Self::read(headers.and_then(raw), multi_value_headers.and_then(raw))
    }

    pub(crate) fn read(headers: Option<Raw<'a>>, multi_value_headers: Option<Raw<'a>>) -> Self {
        let found = Self::of(multi_value_headers);
        if found.0.is_empty() {
            Self::of(headers)
        } else {
            found
        }
    }

    /// The strings of one object.
    pub(crate) fn of(object: Option<Raw<'a>>) -> Self {
        let mut pairs = Vec::new();
        for (name, value) in object.into_iter().flat_map(Raw::members) {
            if value.is_array() {
                let each = value.items().map(|item| item.text().unwrap_or_default());
                pairs.extend(each.map(|value| (name.clone(), value)));
            } else if !value.is_null() {
                pairs.push((name, value.text().unwrap_or_default()));
            }
        }
        Self(pairs)
    }

    pub(crate) const fn from_pairs(pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Self {
        Self(pairs)
    }

    /// The first value under `name`.
    ///
    /// ```
    /// use baton_propagators::carrier::EventHeaders;
    ///
    /// let headers = EventHeaders::from_json(Some(r#"{"Host": "example.com"}"#), None);
    /// assert_eq!(headers.get("host"), Some("example.com"));
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values_of(name).next()
    }
}

impl Carrier for EventHeaders<'_> {
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        let found = self
            .0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }
}

impl Extractor for EventHeaders<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.get(key)
    }

    fn keys(&self) -> Vec<&str> {
        self.names().collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self.values_of(key).collect();
        (!values.is_empty()).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{InvalidTraceparent, TraceContext};

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[track_caller]
    fn check(headers: &str, multi: &str, expected: Result<&str, InvalidTraceparent>) {
        let headers = headers.replace("<P>", PARENT);
        let multi = multi.replace("<P>", PARENT);
        let headers = EventHeaders::from_json(Some(&headers), Some(&multi));
        let found = TraceContext::extract(&headers);
        assert_eq!(
            found.as_ref().map(|context| context.state().as_str()),
            expected.as_ref().copied()
        );
    }

    #[test]
    fn names_have_no_case() {
        check(
            r#"{"TRACEPARENT":"<P>","Tracestate":"a=1"}"#,
            "null",
            Ok("a=1"),
        );
        check(
            "null",
            r#"{"TraceParent":["<P>"],"traceState":["a=1","b=2"]}"#,
            Ok("a=1,b=2"),
        );
    }

    #[test]
    fn multi_value_headers_win() {
        let single = r#"{"traceparent":"<P>","tracestate":"last=1"}"#;
        check(
            single,
            r#"{"traceparent":["<P>"],"tracestate":["first=1","last=1"]}"#,
            Ok("first=1,last=1"),
        );
        check(single, "{}", Ok("last=1"));
    }

    #[test]
    fn two_parents_are_none() {
        check(
            "null",
            r#"{"traceparent":["<P>","<P>"]}"#,
            Err(InvalidTraceparent::Several),
        );
        check(
            r#"{"traceparent":"<P>","Traceparent":"<P>"}"#,
            "null",
            Err(InvalidTraceparent::Several),
        );
        // HTTP API v2 and Function URLs join duplicates with a comma.
        check(
            r#"{"traceparent":"<P>,<P>"}"#,
            "null",
            Err(InvalidTraceparent::Length),
        );
    }

    #[test]
    fn garbage_is_skipped() {
        for garbage in [
            "null",
            "{}",
            "[]",
            "7",
            r#""text""#,
            r#"{"traceparent":null}"#,
            r#"{"traceparent":[]}"#,
            "{",
            "",
        ] {
            check(garbage, garbage, Err(InvalidTraceparent::Missing));
        }
        for broken in [r#"{"traceparent":{"a":1}}"#, r#"{"traceparent":[7]}"#] {
            check(broken, broken, Err(InvalidTraceparent::Version));
        }
        check(r#"{"x":[1],"traceparent":"<P>"}"#, "null", Ok(""));
    }

    #[test]
    fn escapes_are_read() {
        check(
            r#"{"trace\u0070arent":"<P>","tracestate":"a\u003d1"}"#,
            "null",
            Ok("a=1"),
        );
    }
}
