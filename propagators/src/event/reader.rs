//! How an event is read.

use super::{Event, Invocation, invoke, place::Step, reading::Reading};
use crate::{carrier::XRayHeader, format::Formats, json::Raw};

/// Reads events in the formats of a list; [`Event::parse`] is the same with the default ones.
///
/// ```
/// use baton_propagators::{event::Reader, format::Formats};
///
/// let request = br#"{"version": "2.0", "rawQueryString": "", "requestContext": {}, "headers": {
///     "b3": "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"}}"#;
/// let (formats, unknown) = Formats::parse("tracecontext,baggage,b3");
/// assert!(unknown.is_empty());
///
/// assert!(Reader::default().read(request).relation().parent.is_none());
/// assert!(Reader::new(formats).read(request).relation().parent.is_some());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    formats: Formats,
    thorough: bool,
}

// ===== impl Reader =====

impl Reader {
    /// Reads these formats. What AWS itself writes, and Datadog's `_datadog` objects, are read in any case.
    #[must_use]
    pub const fn new(formats: Formats) -> Self {
        Self {
            formats,
            thorough: false,
        }
    }

    /// Looks also into bodies that hold no carrier, only to tell what they are. It costs; `baton-inspect` does it.
    ///
    /// ```
    /// use baton_propagators::event::{Reader, Trigger};
    ///
    /// let event = br#"{"Records": [{"eventSource": "aws:sqs", "messageId": "1",
    ///     "body": "{\"Type\": \"Notification\", \"TopicArn\": \"arn:aws:sns:us-east-1:1:t\", \"Message\": \"hi\"}"}]}"#;
    /// assert_eq!(Reader::default().read(event).records[0].inside, None);
    /// assert_eq!(Reader::default().thorough().read(event).records[0].inside, Some(Trigger::Sns));
    /// ```
    #[must_use]
    pub const fn thorough(mut self) -> Self {
        self.thorough = true;
        self
    }

    /// Reads an event; never fails. The work is linear in its size.
    #[must_use]
    pub fn read<'a>(&self, event: &'a [u8]) -> Event<'a> {
        self.invocation(&Invocation::new(event))
    }

    /// Reads an event and what the Runtime API delivers beside it.
    #[must_use]
    pub fn invocation<'a>(&self, invocation: &Invocation<'a>) -> Event<'a> {
        let mut reading = Reading::new(&self.formats, self.thorough);
        let mut event = Event::read(Raw::new(invocation.body), &mut reading);
        event.unopened = reading.unopened;
        if let Some(context) = invocation.client_context {
            invoke::client_context(context, &reading, &mut event);
        }
        // Without active tracing Lambda makes the header up, with `Sampled=0` and a parent that nobody recorded. With it, it
        // is asked only when nobody else knows.
        let carries = !event.contexts.is_empty()
            || event
                .records
                .iter()
                .any(|record| !record.contexts.is_empty());
        if let Some(header) = invocation.trace_header {
            // Lambda has counted this function in; what a message brings is older.
            let rest = XRayHeader::parse(header).rest().to_owned();
            if !rest.is_empty() {
                event.contexts.extra.xray = rest.into();
            }
        }
        let header = invocation.trace_header.filter(|_| !carries);
        if let Some(header) = header
            && is_sampled(header)
        {
            reading.trace_header(header, Step::RuntimeHeader, &mut event.contexts);
        }
        event
    }
}

fn is_sampled(header: &str) -> bool {
    let context = XRayHeader::parse(header).context();
    context.is_some_and(|context| context.flags().is_sampled())
}
