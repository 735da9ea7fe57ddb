//! Where the `traceparent` headers of an HTTP event stand, for whoever puts another one there.

use std::ops::Range;

use crate::{context::TRACEPARENT, json::Raw};

/// The bytes of every `traceparent` value in `headers` and `multiValueHeaders`, without the quotes, in order.
///
/// ```
/// use baton_propagators::event::traceparents;
///
/// let event = br#"{"headers": {"Traceparent": "00-0-0-00"}, "body": "traceparent"}"#;
/// let found = traceparents(event);
/// assert_eq!(found.len(), 1);
/// assert_eq!(event.get(found[0].clone()), Some(&b"00-0-0-00"[..]));
/// ```
#[must_use]
pub fn traceparents(event: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let Some(top) = Raw::of(event).filter(|top| top.is_object()) else {
        return found;
    };
    let headers = top
        .members()
        .filter(|(name, _)| name == "headers" || name == "multiValueHeaders");
    for (name, value) in headers.flat_map(|(_, headers)| headers.members()) {
        if !name.eq_ignore_ascii_case(TRACEPARENT) {
            continue;
        }
        if value.is_array() {
            found.extend(value.items().filter_map(|item| range(event, item)));
        } else {
            found.extend(range(event, value));
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

/// A [`Raw`] borrows from the text that it was found in.
fn range(event: &[u8], string: Raw<'_>) -> Option<Range<usize>> {
    let inner = string.quoted()?;
    let start = inner.as_ptr().addr().checked_sub(event.as_ptr().addr())?;
    Some(start..start + inner.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for (event, expected) in [
            (r#"{"headers":{"traceparent":"A"}}"#, &["A"][..]),
            (
                r#"{"multiValueHeaders":{"TRACEPARENT":["A","B"]},"headers":{"x":"y","traceparent":"C"}}"#,
                &["A", "B", "C"],
            ),
            (r#" {"headers":{"trace\u0070arent":"A\n"}} "#, &["A\\n"]),
            (r#"{"headers":{"traceparent":""}}"#, &[""]),
            (r#"{"headers":{"traceparent":7,"x":"traceparent"}}"#, &[]),
            (r#"{"headers":null,"body":{"traceparent":"A"}}"#, &[]),
            (r#"{"headers":{"traceparent":"A"}"#, &[]),
            ("[]", &[]),
            ("", &[]),
        ] {
            let found = traceparents(event.as_bytes());
            let texts: Vec<&str> = found
                .into_iter()
                .map(|range| event.get(range).unwrap())
                .collect();
            assert_eq!(texts, expected, "{event}");
        }
    }
}
