//! The X-Ray header where AWS itself carries it: `AWSTraceHeader` of a message, `Lambda-Runtime-Trace-Id` of an invocation.
//!
//! Format: <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>

use std::fmt;

use crate::context::{SpanId, TraceContext, TraceFlags, TraceId, parse_hex};

/// An X-Ray header. Every part is optional in practice: load balancers send a `Root` alone.
///
/// ```
/// use baton_propagators::carrier::XRayHeader;
///
/// let header = XRayHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
/// let context = header.context().map(|context| context.traceparent().to_string());
/// assert_eq!(context.as_deref(), Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"));
///
/// assert_eq!(XRayHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793").context(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct XRayHeader {
    root: Option<TraceId>,
    parent: Option<SpanId>,
    sampled: bool,
}

// ===== impl XRayHeader =====

impl XRayHeader {
    /// Reads what is there; unknown keys (`Self`, `Lineage`) are skipped.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        let mut found = Self::default();
        for (key, value) in header
            .split(';')
            .filter_map(|part| part.trim().split_once('='))
        {
            match key {
                "Root" => found.root = root(value),
                "Parent" => found.parent = parse_hex(value.as_bytes()).and_then(SpanId::new),
                "Sampled" => found.sampled = value == "1",
                _ => {}
            }
        }
        found
    }

    /// The context, when both `Root` and `Parent` are valid.
    ///
    /// Without active tracing AWS writes `Sampled=0` for everything. So a context that is not sampled says nothing about
    /// what the sender decided; [`Relation`](crate::event::Relation) has the rule.
    #[must_use]
    pub fn context(&self) -> Option<TraceContext<'static>> {
        let flags = if self.sampled {
            TraceFlags::SAMPLED
        } else {
            TraceFlags::default()
        };
        Some(TraceContext::new(self.root?, self.parent?, flags))
    }
}

impl From<&TraceContext<'_>> for XRayHeader {
    fn from(context: &TraceContext<'_>) -> Self {
        Self {
            root: Some(context.trace_id()),
            parent: Some(context.span_id()),
            sampled: context.flags().is_sampled(),
        }
    }
}

/// The header as it is written.
///
/// ```
/// use baton_propagators::{carrier::XRayHeader, context::TraceContext};
///
/// let context = TraceContext::parse("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01", None)?;
/// assert_eq!(
///     XRayHeader::from(&context).to_string(),
///     "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
/// );
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
impl fmt::Display for XRayHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(root) = self.root {
            let digits = root.to_string();
            let (time, rest) = digits.split_at(8);
            write!(f, "Root=1-{time}-{rest};")?;
        }
        if let Some(parent) = self.parent {
            write!(f, "Parent={parent};")?;
        }
        write!(f, "Sampled={}", u8::from(self.sampled))
    }
}

/// `1-<8 digits of time>-<24 digits>`: together the 32 digits of a W3C trace id.
fn root(value: &str) -> Option<TraceId> {
    let (time, rest) = value.strip_prefix("1-")?.split_once('-')?;
    let time: [u8; 4] = parse_hex(time.as_bytes())?;
    let rest: [u8; 12] = parse_hex(rest.as_bytes())?;
    let mut id = [0; 16];
    id.iter_mut()
        .zip(time.into_iter().chain(rest))
        .for_each(|(to, from)| *to = from);
    TraceId::new(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Option<&str>) {
        let found = XRayHeader::parse(header)
            .context()
            .map(|context| context.traceparent().to_string());
        assert_eq!(found.as_deref(), expected, "{header}");
    }

    #[test]
    fn headers() {
        let (root, parent) = (
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "Parent=53995c3f42cd8ad8",
        );
        let yes = Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
        let no = Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00");

        check(&format!("{root};{parent};Sampled=1"), yes);
        check(
            &format!("{root};{parent};Sampled=1;Lineage=037bed70:0"),
            yes,
        );
        check(
            &format!("Self=1-64d38018-6a56d23a731e0cbe6ed85687; {root}; {parent}; Sampled=1"),
            yes,
        );
        check(&format!("{root};{parent};Sampled=0"), no);
        check(&format!("{root};{parent};Sampled=?"), no);
        check(&format!("{root};{parent}"), no);
    }

    #[test]
    fn garbage_is_no_context() {
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        check(root, None);
        check("Parent=53995c3f42cd8ad8;Sampled=1", None);
        check(&format!("{root};Parent=0000000000000000"), None);
        check(&format!("{root};Parent=53995C3F42CD8AD8"), None);
        check(&format!("{root};Parent=539"), None);
        check(
            "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
            None,
        );
        check(
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            None,
        );
        check(
            "Root=1-5759e988bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            None,
        );
        check(";;==;Root;Parent=", None);
        check("", None);
    }
}
