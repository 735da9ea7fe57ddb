//! `X-Amzn-Trace-Id` of a request: what the event shows and what the runtime gets.
//!
//! Lambda's front keeps a caller's header and makes a root where there is none. Without active tracing the runtime's header
//! has that root, a parent of Lambda's own and `Sampled=0`; what a caller said about parent and sampling stays.

use crate::invocation::fresh_trace_header;

/// The two forms of one trace header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceHeader {
    /// In the event's headers.
    pub(super) event: String,
    /// `Lambda-Runtime-Trace-Id`.
    pub(super) runtime: String,
}

// === impl TraceHeader ===

impl TraceHeader {
    pub(super) fn new(incoming: Option<&str>) -> Self {
        Self::complete(incoming, &fresh_trace_header())
    }

    /// `fresh` has a root, a parent and a sampling decision, in this order.
    fn complete(incoming: Option<&str>, fresh: &str) -> Self {
        let Some(incoming) = incoming.filter(|header| field(header, "Root").is_some_and(is_root))
        else {
            let root = fresh.split(';').next().unwrap_or(fresh);
            return Self {
                event: root.to_owned(),
                runtime: fresh.to_owned(),
            };
        };
        let mut runtime = incoming.trim_end_matches(';').to_owned();
        for part in fresh.split(';') {
            let name = part.split('=').next().unwrap_or(part);
            if field(incoming, name).is_none() {
                runtime.push(';');
                runtime.push_str(part);
            }
        }
        Self {
            event: incoming.to_owned(),
            runtime,
        }
    }
}

fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|part| {
        part.trim()
            .split_once('=')
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
    })
}

/// `1-` and 8 and 24 hexadecimal digits.
fn is_root(root: &str) -> bool {
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    matches!(root.split('-').collect::<Vec<_>>().as_slice(), ["1", time, id] if hex(time, 8) && hex(id, 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: &str =
        "Root=1-00000000-000000000000000000000000;Parent=1111111111111111;Sampled=0";
    const ROOT: &str = "Root=1-5eb33c07-de25b420912dee103a5db434";

    #[track_caller]
    fn check(incoming: Option<&str>, event: &str, runtime: &str) {
        let made = TraceHeader::complete(incoming, FRESH);
        assert_eq!(
            (made.event.as_str(), made.runtime.as_str()),
            (event, runtime)
        );
    }

    #[test]
    fn a_usable_header_is_kept_and_completed() {
        check(
            Some(ROOT),
            ROOT,
            &format!("{ROOT};Parent=1111111111111111;Sampled=0"),
        );
        let full = format!("{ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:0");
        check(Some(&full), &full, &full);
        let alb = format!("Self=1-67891234-12456789abcdef012345678a;{ROOT}");
        check(
            Some(&alb),
            &alb,
            &format!("{alb};Parent=1111111111111111;Sampled=0"),
        );
    }

    #[test]
    fn anything_else_gets_a_new_root() {
        for incoming in [
            None,
            Some(""),
            Some("Root=1-5eb33c07"),
            Some("Root=2-5eb33c07-de25b420912dee103a5db434"),
            Some("Sampled=1"),
        ] {
            check(incoming, "Root=1-00000000-000000000000000000000000", FRESH);
        }
    }
}
