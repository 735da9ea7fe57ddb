//! Lambda events: raw bytes in, trigger, carriers and span attributes out.
//!
//! The event is never parsed into typed structures: what is not needed is skipped, what is needed is borrowed, and what has
//! the wrong type is absent. Garbage is [`Trigger::Other`] with no records. Known so far: SQS (every record), API Gateway
//! REST (v1) and HTTP (v2), Function URLs and ALB.

pub(crate) mod attributes;
mod http;
mod relation;
pub(crate) mod sqs;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use http::HttpRequest;
pub use relation::Relation;
pub use sqs::Record;

use crate::json;
use http::RequestContext;

/// What Baton sees in an event.
///
/// ```
/// use baton_propagators::event::{Event, Relation, Trigger};
///
/// let event = Event::parse(br#"{"Records": [{
///     "messageId": "19dd0b57", "eventSource": "aws:sqs",
///     "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
///     "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1691582488541"},
///     "messageAttributes": {"traceparent": {
///         "stringValue": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "dataType": "String"}}
/// }]}"#);
///
/// assert_eq!(event.trigger, Trigger::Sqs);
/// assert_eq!(event.span_name().as_deref(), Some("process orders"));
/// assert!(matches!(event.relation(), Relation::Parent(context) if context.flags().is_sampled()));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What invoked the function.
    pub trigger: Trigger,
    /// Every message of a batch, in order; empty for triggers that bring none.
    pub records: Vec<Record<'a>>,
    /// The request, for HTTP triggers.
    pub http: Option<HttpRequest<'a>>,
}

/// What invokes a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trigger {
    /// An event source mapping on an SQS queue.
    Sqs,
    /// A REST API of API Gateway.
    ApiGatewayV1,
    /// An HTTP API of API Gateway.
    ApiGatewayV2,
    /// A Function URL.
    FunctionUrl,
    /// An application load balancer.
    Alb,
    /// A direct invoke, or an event source that is not known here.
    Other,
}

/// The keys at the top of an event that tell what it is.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<'a> {
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    #[serde(borrow)]
    request_context: Option<&'a RawValue>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    http_method: Option<&'a RawValue>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(borrow)]
    path: Option<&'a RawValue>,
    #[serde(borrow)]
    route_key: Option<&'a RawValue>,
    #[serde(borrow)]
    raw_path: Option<&'a RawValue>,
    #[serde(borrow)]
    raw_query_string: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    multi_value_headers: Option<&'a RawValue>,
}

// ===== impl Event =====

impl<'a> Event<'a> {
    /// Reads an event; never fails. The work is linear in its size.
    #[must_use]
    pub fn parse(event: &'a [u8]) -> Self {
        let envelope: Envelope<'a> = serde_json::from_slice(event).unwrap_or_default();
        let context: RequestContext<'a> = json::parse(envelope.request_context).unwrap_or_default();
        let trigger = http_trigger(&envelope, &context);
        if trigger.is_http() {
            let http = Some(HttpRequest::read(trigger, &envelope, &context));
            return Self {
                trigger,
                records: Vec::new(),
                http,
            };
        }
        let records = sqs::read(envelope.records);
        let trigger = if records.is_empty() {
            Trigger::Other
        } else {
            Trigger::Sqs
        };
        Self {
            trigger,
            records,
            http: None,
        }
    }
}

// ===== impl Trigger =====

impl Trigger {
    /// Whether the handler answers an HTTP request.
    #[must_use]
    pub const fn is_http(self) -> bool {
        matches!(
            self,
            Self::ApiGatewayV1 | Self::ApiGatewayV2 | Self::FunctionUrl | Self::Alb
        )
    }

    /// The value of `faas.trigger`.
    #[must_use]
    pub const fn faas_trigger(self) -> &'static str {
        match self {
            Self::Sqs => "pubsub",
            Self::Other => "other",
            _ => "http",
        }
    }
}

/// The order matters: REST events of some integrations also look like the later ones.
fn http_trigger(envelope: &Envelope<'_>, context: &RequestContext<'_>) -> Trigger {
    if context.stage.is_some() && envelope.http_method.is_some() && envelope.resource.is_some() {
        return Trigger::ApiGatewayV1;
    }
    let version = envelope.version.and_then(json::text);
    if version.as_deref() == Some("2.0") && envelope.raw_query_string.is_some() {
        let domain = context.domain_name.and_then(json::text).unwrap_or_default();
        return if domain.contains("lambda-url") {
            Trigger::FunctionUrl
        } else {
            Trigger::ApiGatewayV2
        };
    }
    // A WebSocket message has a `requestContext` too, but no request to answer.
    if context.message_direction.is_none() && context.elb.is_some() {
        return Trigger::Alb;
    }
    Trigger::Other
}

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod tests;
