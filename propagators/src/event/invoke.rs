//! Direct invokes: a payload of whoever calls, and what Lambda delivers beside it.

use std::collections::HashMap;

use super::{
    Contexts, Event, Place, Reading, Trigger, envelope::Envelope, place::Step, reading::Payload,
};
use crate::{carrier::EventHeaders, json::Raw};

/// The `custom` part of a client context, which synchronous invokes can bring.
///
/// ```
/// use std::collections::HashMap;
/// use baton_propagators::event::{ClientContext, Invocation, Reader};
///
/// let custom = HashMap::from([("traceparent".to_owned(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned())]);
/// let mut invocation = Invocation::new(b"{}");
/// invocation.client_context = Some(ClientContext::Custom(&custom));
/// assert!(Reader::default().invocation(&invocation).relation().parent.is_some());
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ClientContext<'a> {
    /// The JSON of the header `Lambda-Runtime-Client-Context`.
    Json(&'a str),
    /// `custom`, as `lambda_runtime` has parsed it.
    Custom(&'a HashMap<String, String>),
}

/// An invocation as the Runtime API delivers it.
///
/// ```
/// use baton_propagators::event::{ClientContext, Invocation, Reader};
///
/// let json = r#"{"custom": {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}"#;
/// let mut invocation = Invocation::new(br#"{"action": "tidy"}"#);
/// invocation.client_context = Some(ClientContext::Json(json));
///
/// let event = Reader::default().invocation(&invocation);
/// let relation = event.relation();
/// assert_eq!(relation.parent.map(|found| found.place.to_string()).as_deref(), Some("ClientContext.custom"));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Invocation<'a> {
    /// The event.
    pub body: &'a [u8],
    /// The header `Lambda-Runtime-Client-Context`.
    pub client_context: Option<ClientContext<'a>>,
    /// The header `Lambda-Runtime-Trace-Id`.
    pub trace_header: Option<&'a str>,
}

// ===== impl Invocation =====

impl<'a> Invocation<'a> {
    /// An event with nothing beside it.
    ///
    /// ```
    /// use baton_propagators::event::{Invocation, Reader, Trigger};
    ///
    /// assert_eq!(Reader::default().invocation(&Invocation::new(b"{}")).trigger, Trigger::Other);
    /// ```
    #[must_use]
    pub const fn new(body: &'a [u8]) -> Self {
        Self {
            body,
            client_context: None,
            trace_header: None,
        }
    }
}

pub(super) fn read<'a>(
    event: Raw<'a>,
    envelope: &Envelope<'a>,
    reading: &Reading<'_>,
) -> Event<'a> {
    let mut found = Event::new(Trigger::Other);
    let payload = Payload {
        trace: envelope.trace,
        datadog: envelope.datadog,
        traceparent: envelope.traceparent,
    };
    reading.payload_of(&payload, event, Place::default(), &mut found.contexts);
    found
}

/// Who invoked wrote it, after whoever wrote the payload: it comes first.
pub(super) fn client_context(
    context: ClientContext<'_>,
    reading: &Reading<'_>,
    event: &mut Event<'_>,
) {
    let place = Place::of(Step::ClientContext);
    let mut contexts = Contexts::default();
    match context {
        ClientContext::Custom(custom) => {
            reading.carrier(custom, place, &mut contexts);
            for (name, step) in [("_trace", Step::Trace), ("_datadog", Step::Datadog)] {
                let json = custom.get(name).map(String::as_bytes).and_then(Raw::of);
                if let Some(fields) = json {
                    reading.fields(fields, step, place, &mut contexts);
                }
            }
        }
        ClientContext::Json(json) => {
            let custom = Raw::of(json.as_bytes()).and_then(|context| context.get("custom"));
            reading.carrier(&EventHeaders::of(custom), place, &mut contexts);
            reading.wrapped(custom, place, &mut contexts);
        }
    }
    let inner = std::mem::replace(&mut event.contexts, contexts);
    event.contexts.absorb(inner, Place::default());
}
