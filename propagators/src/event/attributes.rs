//! Names, kinds and attributes of the spans that handle an event.

use std::borrow::Cow;

use opentelemetry::{KeyValue, trace::SpanKind};

use super::{Event, HttpRequest, Record};
use crate::attribute as a;

/// What `http.request.method` may say; anything else is `_OTHER`, so that a client cannot make up span names.
const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
];

impl Event<'_> {
    /// `{method} {route}` or `process {queue}`; `None` where only the function's own name says anything.
    #[must_use]
    pub fn span_name(&self) -> Option<String> {
        if let Some(request) = &self.http {
            return Some(request.span_name());
        }
        self.records.first().map(Record::span_name)
    }

    /// CONSUMER for messages, SERVER for everything that waits for an answer.
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
    #[must_use]
    pub fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = vec![KeyValue::new(a::FAAS_TRIGGER, self.trigger.faas_trigger())];
        match (&self.http, self.records.as_slice()) {
            (Some(request), _) => attributes.extend(request.attributes()),
            (None, [record]) => attributes.extend(record.attributes()),
            (None, [first, ..]) => {
                attributes.extend(first.operation());
                attributes.push(KeyValue::new(
                    a::MESSAGING_BATCH_MESSAGE_COUNT,
                    count(self.records.len()),
                ));
            }
            (None, []) => {}
        }
        attributes
    }
}

impl Record<'_> {
    /// `process {queue}`.
    #[must_use]
    pub fn span_name(&self) -> String {
        format!("process {}", self.queue())
    }

    /// Everything that is known of one message.
    #[must_use]
    pub fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes: Vec<_> = self.operation().into();
        attributes.push(KeyValue::new(
            a::MESSAGING_MESSAGE_ID,
            self.message_id.to_string(),
        ));
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

    fn operation(&self) -> [KeyValue; 4] {
        [
            KeyValue::new(a::MESSAGING_SYSTEM, a::AWS_SQS),
            KeyValue::new(a::MESSAGING_OPERATION_NAME, "process"),
            KeyValue::new(a::MESSAGING_OPERATION_TYPE, "process"),
            KeyValue::new(a::MESSAGING_DESTINATION_NAME, self.queue().to_owned()),
        ]
    }
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
        METHODS.into_iter().find(|method| *method == self.method)
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
