//! Names, kinds and attributes of the spans that handle an event.

use std::borrow::Cow;

use opentelemetry::{KeyValue, trace::SpanKind};

use super::{Event, HttpRequest, Record, Trigger};
use crate::attribute as a;

/// What `http.request.method` may say; anything else is `_OTHER`, so that a client cannot make up span names.
const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
];

/// The method, if the conventions know it.
pub(crate) fn known_method(method: &str) -> Option<&'static str> {
    METHODS.into_iter().find(|known| *known == method)
}

impl Event<'_> {
    /// `{method} {route}` or `process {destination}`; `None` where only the function's own name says anything.
    ///
    /// ```
    /// use baton_propagators::event::Event;
    ///
    /// let event = br#"{"version": "2.0", "rawQueryString": "", "routeKey": "GET /orders/{id}", "requestContext": {"http": {"method": "GET"}}}"#;
    /// assert_eq!(Event::parse(event).span_name().as_deref(), Some("GET /orders/{id}"));
    /// ```
    #[must_use]
    pub fn span_name(&self) -> Option<String> {
        if let Some(request) = &self.http {
            return Some(request.span_name());
        }
        match (self.records.first(), self.destination()) {
            (None, _) => self.name.clone(),
            (Some(_), Some(destination)) => Some(process(destination)),
            (Some(_), None) => Some("process multiple_sources".to_owned()),
        }
    }

    /// CONSUMER for messages, SERVER for everything that waits for an answer.
    ///
    /// ```
    /// use baton_propagators::event::Event;
    /// use opentelemetry::trace::SpanKind;
    ///
    /// assert_eq!(Event::parse(b"{}").span_kind(), SpanKind::Server);
    /// ```
    #[must_use]
    pub fn span_kind(&self) -> SpanKind {
        if self.records.is_empty() {
            SpanKind::Server
        } else {
            SpanKind::Consumer
        }
    }

    /// What the invocation span says about its trigger.
    ///
    /// A single message stands on it with everything that is known; of a batch it says only what all messages share.
    ///
    /// ```
    /// use baton_propagators::event::Event;
    /// use opentelemetry::KeyValue;
    ///
    /// let timer = Event::parse(br#"{"source": "aws.events", "detail-type": "Scheduled Event"}"#);
    /// assert_eq!(timer.attributes(), [KeyValue::new("faas.trigger", "timer")]);
    /// ```
    #[must_use]
    pub fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = vec![KeyValue::new(a::FAAS_TRIGGER, self.trigger.faas_trigger())];
        attributes.extend(self.details.iter().cloned());
        match (&self.http, self.records.as_slice()) {
            (Some(request), _) => attributes.extend(request.attributes()),
            (None, [record]) => attributes.extend(record.attributes()),
            (None, [_, ..]) => {
                attributes.extend(operation(self.trigger, self.destination()));
                attributes.push(KeyValue::new(
                    a::MESSAGING_BATCH_MESSAGE_COUNT,
                    count(self.records.len()),
                ));
            }
            (None, []) => {}
        }
        let invalid = self.invalid();
        if invalid > 0 {
            attributes.push(KeyValue::new(a::BATON_INVALID_CONTEXTS, i64::from(invalid)));
        }
        attributes
    }

    /// What all records share.
    fn destination(&self) -> Option<&str> {
        let first = self.records.first()?;
        let shared = |record: &Record<'_>| record.destination == first.destination;
        self.records
            .iter()
            .all(shared)
            .then_some(&first.destination)
    }
}

impl Record<'_> {
    /// `process {destination}`.
    #[must_use]
    pub fn span_name(&self) -> String {
        process(&self.destination)
    }

    /// Everything that is known of one message.
    #[must_use]
    pub fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = operation(self.trigger, Some(&self.destination));
        if self.trigger.messaging_system().is_some() && !self.message_id.is_empty() {
            attributes.push(KeyValue::new(
                a::MESSAGING_MESSAGE_ID,
                self.message_id.to_string(),
            ));
        }
        attributes.extend(self.details.iter().cloned());
        let numbers = [
            (a::BATON_SENT_TIME_MS, self.sent_time_ms),
            (a::BATON_FIRST_RECEIVE_TIME_MS, self.first_receive_time_ms),
            (a::BATON_RECEIVE_COUNT, self.receive_count),
        ];
        attributes.extend(
            numbers
                .into_iter()
                .filter_map(|(key, value)| Some(KeyValue::new(key, value?))),
        );
        attributes.extend(text(
            a::BATON_DEAD_LETTER_SOURCE,
            self.dead_letter_source.as_ref(),
        ));
        attributes
    }
}

/// What a bus delivers may name nothing.
fn process(destination: &str) -> String {
    format!("process {destination}").trim_end().to_owned()
}

/// Changes of tables and buckets are no messages.
fn operation(trigger: Trigger, destination: Option<&str>) -> Vec<KeyValue> {
    let Some(system) = trigger.messaging_system() else {
        return Vec::new();
    };
    let mut attributes = vec![
        KeyValue::new(a::MESSAGING_SYSTEM, system),
        KeyValue::new(a::MESSAGING_OPERATION_NAME, "process"),
        KeyValue::new(a::MESSAGING_OPERATION_TYPE, "process"),
    ];
    let destination = destination.filter(|destination| !destination.is_empty());
    attributes.extend(
        destination.map(|destination| {
            KeyValue::new(a::MESSAGING_DESTINATION_NAME, destination.to_owned())
        }),
    );
    attributes
}

impl HttpRequest<'_> {
    fn span_name(&self) -> String {
        let method = self.known_method().unwrap_or("HTTP");
        match &self.route {
            Some(route) => format!("{method} {route}"),
            None => method.to_owned(),
        }
    }

    fn known_method(&self) -> Option<&'static str> {
        known_method(&self.method)
    }

    fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = vec![
            KeyValue::new(
                a::HTTP_REQUEST_METHOD,
                self.known_method().unwrap_or(a::OTHER),
            ),
            KeyValue::new(a::URL_PATH, self.path.to_string()),
            KeyValue::new(a::URL_SCHEME, self.scheme.to_string()),
        ];
        if self.known_method().is_none() {
            attributes.push(KeyValue::new(
                a::HTTP_REQUEST_METHOD_ORIGINAL,
                self.method.to_string(),
            ));
        }
        if let Some((address, port)) = self.host.as_deref().map(split_port) {
            attributes.push(KeyValue::new(a::SERVER_ADDRESS, address.to_owned()));
            attributes.extend(port.map(|port| KeyValue::new(a::SERVER_PORT, i64::from(port))));
        }
        attributes.extend(text(a::HTTP_ROUTE, self.route.as_ref()));
        attributes.extend(text(a::CLIENT_ADDRESS, self.client_address.as_ref()));
        attributes.extend(text(a::USER_AGENT_ORIGINAL, self.user_agent.as_ref()));
        attributes.extend(text(
            a::NETWORK_PROTOCOL_VERSION,
            self.protocol_version.as_ref(),
        ));
        attributes
    }
}

fn text(key: &'static str, value: Option<&Cow<'_, str>>) -> Option<KeyValue> {
    value.map(|value| KeyValue::new(key, value.to_string()))
}

/// An attribute's integers are signed; no count here comes near the limit.
pub(crate) fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `host`, `host:80`, `[::1]:80`.
fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((address, port)) if !address.contains(':') || address.ends_with(']') => {
            (address, port.parse().ok())
        }
        _ => (host, None),
    }
}
