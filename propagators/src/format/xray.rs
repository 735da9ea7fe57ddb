//! The X-Ray header: `X-Amzn-Trace-Id` of a request, `AWSTraceHeader` of a message, `Lambda-Runtime-Trace-Id` of an invocation.
//!
//! Ours, because `opentelemetry-aws` 0.21 writes "deferred" into a flag bit: `00-…-03`, sampled with a random id, is sent as
//! `Sampled=?`. It also writes `Lineage` and other keys in a case of its own.
//!
//! Format: <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>

use std::{borrow::Cow, fmt};

use super::{
    Extra, Outgoing, Sampling,
    ids::{flags, one},
    read::Found,
};
use crate::{
    carrier::{AWS_TRACE_HEADER, Carrier, CarrierMut},
    context::{SpanId, TraceContext, TraceId, parse_hex},
};

pub(super) const HEADER: &str = "x-amzn-trace-id";
/// What is kept of keys that are not known here. Lambda's own `Lineage` is some 40 bytes.
const MAX_REST_BYTES: usize = 1024;
/// Nobody is made to walk a megabyte of semicolons.
const MAX_PARTS: usize = 64;

/// An X-Ray header. Every part is optional in practice: load balancers send a `Root` alone.
///
/// ```
/// use baton_propagators::carrier::XRayHeader;
///
/// let text = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1";
/// let header = XRayHeader::parse(text);
/// let context = header.context().map(|context| context.traceparent().to_string());
/// assert_eq!(context.as_deref(), Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"));
/// assert_eq!(header.rest(), "Lineage=a87bd80c:1");
/// assert_eq!(header.to_string(), text);
///
/// assert_eq!(XRayHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793").context(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XRayHeader<'a> {
    root: Option<TraceId>,
    parent: Option<SpanId>,
    sampled: Sampled,
    rest: Cow<'a, str>,
    /// A known key has a value that is not valid.
    broken: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sampled {
    Yes,
    No,
    /// `?`, or nothing at all.
    #[default]
    Undecided,
}

// ===== impl XRayHeader =====

impl<'a> XRayHeader<'a> {
    /// Reads what is there. Keys are compared without case; those that are not known (`Self`, `Lineage`) are kept as they
    /// came.
    #[must_use]
    pub fn parse(header: &'a str) -> Self {
        let mut found = Self::default();
        for part in header.split(';').take(MAX_PARTS).map(str::trim) {
            let Some((key, value)) = part.split_once('=') else {
                continue;
            };
            let (key, value) = (key.trim_end(), value.trim_start());
            if key.eq_ignore_ascii_case("Root") {
                found.root = root(value);
                found.broken |= found.root.is_none();
            } else if key.eq_ignore_ascii_case("Parent") {
                found.parent = parse_hex(value.as_bytes()).and_then(SpanId::new);
                found.broken |= found.parent.is_none();
            } else if key.eq_ignore_ascii_case("Sampled") {
                found.sampled = match value {
                    "1" => Sampled::Yes,
                    "0" => Sampled::No,
                    _ => Sampled::Undecided,
                };
                found.broken |= !matches!(value, "0" | "1" | "?");
            } else {
                found.keep(part);
            }
        }
        found
    }

    /// The context, when `Root` and `Parent` are there and every known key is valid.
    ///
    /// Without active tracing AWS writes `Sampled=0` for everything. So a context that is not sampled says nothing about
    /// what the sender decided; [`Relation`](crate::event::Relation) has the rule.
    #[must_use]
    pub fn context(&self) -> Option<TraceContext<'static>> {
        let (root, parent) = self.root.zip(self.parent).filter(|_| !self.broken)?;
        let sampled = self.sampled == Sampled::Yes;
        Some(TraceContext::new(root, parent, flags(sampled)))
    }

    /// The parts whose keys are not known here, as they came.
    ///
    /// ```
    /// use baton_propagators::carrier::XRayHeader;
    ///
    /// assert_eq!(XRayHeader::parse("Self=1-2;Sampled=?;Lineage=a:1").rest(), "Self=1-2;Lineage=a:1");
    /// ```
    #[must_use]
    pub fn rest(&self) -> &str {
        &self.rest
    }

    /// The same header with these parts at its end: the `rest` of one that came in.
    ///
    /// ```
    /// use baton_propagators::{carrier::XRayHeader, context::TraceContext};
    ///
    /// let context = TraceContext::parse("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01", None)?;
    /// assert_eq!(
    ///     XRayHeader::from(&context).with_rest("Lineage=a87bd80c:1").to_string(),
    ///     "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1",
    /// );
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    #[must_use]
    pub fn with_rest(mut self, rest: &'a str) -> Self {
        self.rest = Cow::Borrowed(rest);
        self
    }

    fn sampling(&self) -> Sampling {
        match self.sampled {
            Sampled::Undecided => Sampling::Deferred,
            Sampled::Yes | Sampled::No => Sampling::Flag,
        }
    }

    /// Whole parts that a header can hold, up to the limit.
    fn keep(&mut self, part: &'a str) {
        let fits = self.rest.len() + 1 + part.len() <= MAX_REST_BYTES;
        if !fits || !part.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return;
        }
        if self.rest.is_empty() {
            self.rest = Cow::Borrowed(part);
        } else {
            let rest = self.rest.to_mut();
            rest.push(';');
            rest.push_str(part);
        }
    }
}

impl From<&TraceContext<'_>> for XRayHeader<'static> {
    fn from(context: &TraceContext<'_>) -> Self {
        let sampled = context.flags().is_sampled();
        Self {
            root: Some(context.trace_id()),
            parent: Some(context.span_id()),
            sampled: if sampled { Sampled::Yes } else { Sampled::No },
            rest: Cow::Borrowed(""),
            broken: false,
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
impl fmt::Display for XRayHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(root) = self.root {
            let digits = root.to_string();
            let (time, rest) = digits.split_at(8);
            write!(f, "Root=1-{time}-{rest};")?;
        }
        if let Some(parent) = self.parent {
            write!(f, "Parent={parent};")?;
        }
        f.write_str(match self.sampled {
            Sampled::Yes => "Sampled=1",
            Sampled::No => "Sampled=0",
            Sampled::Undecided => "Sampled=?",
        })?;
        match &*self.rest {
            "" => Ok(()),
            rest => write!(f, ";{rest}"),
        }
    }
}

pub(super) fn read<C: Carrier>(carrier: &C) -> Found<'_> {
    find(carrier, &[HEADER, "X-Amzn-Trace-Id", AWS_TRACE_HEADER])
}

/// The header of the Runtime API, and the variable that runtimes make of it.
pub(super) fn read_lambda<C: Carrier>(carrier: &C) -> Found<'_> {
    let names = ["lambda-runtime-trace-id", "Lambda-Runtime-Trace-Id"];
    match find(carrier, &names) {
        Found::Nothing => find(carrier, &["_X_AMZN_TRACE_ID", "_x_amzn_trace_id"]),
        found => found,
    }
}

fn find<'c, C: Carrier>(carrier: &'c C, names: &[&str]) -> Found<'c> {
    let Some(value) = one(carrier, names) else {
        return Found::Nothing;
    };
    let header = XRayHeader::parse(value);
    let extra = |sampling| Extra {
        sampling,
        xray: header.rest.clone(),
    };
    match header.context() {
        Some(context) => Found::Context(context, extra(header.sampling())),
        None if header.broken || header.root.is_none() => Found::Invalid,
        // A load balancer in front: there is a trace, and no span in it yet.
        None => Found::Only(extra(Sampling::Flag)),
    }
}

pub(super) fn write<C: CarrierMut + ?Sized>(outgoing: &Outgoing<'_>, carrier: &mut C) {
    let Some(context) = outgoing.context else {
        return;
    };
    let mut header = XRayHeader::from(context).with_rest(outgoing.xray);
    if outgoing.sampling == Sampling::Deferred && header.sampled == Sampled::No {
        header.sampled = Sampled::Undecided;
    }
    carrier.set(HEADER, &header.to_string());
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
mod tests;
