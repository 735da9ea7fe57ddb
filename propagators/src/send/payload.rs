//! `_trace`, the one object that carries inside of payloads: JSON objects that belong to the user.

use serde::de::IgnoredAny;

use super::{
    fields::Fields,
    limits::{Room, take},
    operation::Placed,
};
use crate::json::Raw;

/// The member, item attribute or key.
pub(super) const TRACE: &str = "_trace";

/// Adds `_trace` to what is a JSON object and nothing else. All other bytes stay as they are.
pub(super) fn add_trace<T: AsRef<[u8]>>(
    payload: &T,
    fields: &Fields,
    rooms: &mut [&mut Room],
    replace: impl FnOnce(Vec<u8>),
) -> Placed {
    let payload = payload.as_ref();
    let Some(object) = object(payload) else {
        return Placed::LeftOut;
    };
    if object.members().any(|(name, _)| name == TRACE) {
        return Placed::Kept;
    }
    let written = fields.first_that(|selection| {
        let member = format!("{}:{}", quoted(TRACE), members_object(selection));
        let comma = usize::from(object.members().next().is_some());
        take(rooms, member.len() + comma).then(|| with_member(payload, object, &member))?
    });
    match written {
        Some(bytes) => {
            replace(bytes);
            Placed::Done
        }
        None => Placed::LeftOut,
    }
}

/// Whether `_trace` could be added, or is there already.
pub(super) fn takes_trace(payload: &[u8]) -> bool {
    object(payload).is_some_and(|object| !object.members().any(|(name, _)| name == TRACE))
}

/// `{"traceparent":"00-…"}`
pub(super) fn members_object(fields: &[(&str, &str)]) -> String {
    let member = |(name, value): &(&str, &str)| format!("{}:{}", quoted(name), quoted(value));
    let members: Vec<_> = fields.iter().map(member).collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The object that a text consists of; `None` for what is not strictly JSON: a template, a log line in brackets.
fn object(payload: &[u8]) -> Option<Raw<'_>> {
    if payload.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice::<IgnoredAny>(payload).ok()?;
    Raw::of(payload)
}

fn with_member(payload: &[u8], object: Raw<'_>, member: &str) -> Option<Vec<u8>> {
    let end = payload.trim_ascii_end().len().checked_sub(1)?;
    let (before, after) = payload.split_at_checked(end)?;
    let mut bytes = Vec::with_capacity(payload.len() + member.len() + 1);
    bytes.extend_from_slice(before);
    if object.members().next().is_some() {
        bytes.push(b',');
    }
    bytes.extend_from_slice(member.as_bytes());
    bytes.extend_from_slice(after);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{context::TraceContext, format::Baggage};

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[track_caller]
    fn check(payload: &str, room_bytes: &'static [usize], expected: Result<&str, Placed>) {
        let context = TraceContext::parse(PARENT, Some("dd=\"s\"")).unwrap();
        let fields = Fields::new(&context, &Baggage::parse("tenant=acme").0, "");
        let mut room = Room::new(payload.len(), room_bytes);
        let mut after = None;
        let placed = add_trace(&payload.as_bytes(), &fields, &mut [&mut room], |bytes| {
            after = Some(String::from_utf8(bytes).unwrap().replace(PARENT, "<P>"));
        });
        assert_eq!(after.as_deref().ok_or(placed), expected, "{payload}");
    }

    #[test]
    fn objects_and_nothing_else() {
        let trace = r#""_trace":{"traceparent":"<P>","tracestate":"dd=\"s\"","baggage":"tenant=acme"}"#;
        check("{}", &[], Ok(&format!("{{{trace}}}")));
        check(" {\"a\": [1] }\n", &[], Ok(&format!(" {{\"a\": [1] ,{trace}}}\n")));
        check(r#"{"_trace":1}"#, &[], Err(Placed::Kept));
        for other in [
            "", " ", "null", "7", "[{}]", "\"{}\"", "{", "{]", "{a:1}", "{{name}}", "{\"a\":1} {}",
            "{\"a\":1}\n{\"b\":2}\n", "\u{fffd}{}",
        ] {
            check(other, &[], Err(Placed::LeftOut));
        }
    }

    #[test]
    fn what_does_not_fit() {
        let ids = r#"{"_trace":{"traceparent":"<P>"}}"#;
        check("{}", &[84], Ok(ids));
        check("{}", &[83], Err(Placed::LeftOut));
        check("{}", &[130], Ok(r#"{"_trace":{"traceparent":"<P>","tracestate":"dd=\"s\""}}"#));
    }
}
