//! The HTTP request inside an event.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Envelope, Trigger};
use crate::{
    carrier::EventHeaders,
    context::TraceContext,
    json::{self, text},
};

/// The request that a load balancer, an API or a Function URL turned into an event.
///
/// The query is left out on purpose: it often holds what should not stand in a trace.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpRequest<'a> {
    /// As it came, `GET` when the event names none.
    pub method: Cow<'a, str>,
    /// The path without the query.
    pub path: Cow<'a, str>,
    /// The route template that matched, as `/orders/{id}`; load balancers, Function URLs and `$default` have none.
    pub route: Option<Cow<'a, str>>,
    /// From `x-forwarded-proto`, else `https`.
    pub scheme: Cow<'a, str>,
    /// The host that the client asked for, with its port where it named one.
    pub host: Option<Cow<'a, str>>,
    /// The address of the client as the API saw it.
    pub client_address: Option<Cow<'a, str>>,
    /// The user agent.
    pub user_agent: Option<Cow<'a, str>>,
    /// `1.1` of `HTTP/1.1`.
    pub protocol_version: Option<Cow<'a, str>>,
    /// Every header.
    pub headers: EventHeaders<'a>,
    /// The trace that the caller wants this request to continue.
    pub context: Option<TraceContext<'static>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContext<'a> {
    #[serde(borrow)]
    pub(super) stage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) elb: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) domain_name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) message_direction: Option<&'a RawValue>,
    #[serde(borrow)]
    protocol: Option<&'a RawValue>,
    /// The client, in REST events.
    #[serde(borrow)]
    identity: Option<&'a RawValue>,
    /// Request line and client, in HTTP API and Function URL events.
    #[serde(borrow)]
    http: Option<&'a RawValue>,
}

/// `identity` and `http` of the request context have fields of the same names.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    path: Option<&'a RawValue>,
    #[serde(borrow)]
    protocol: Option<&'a RawValue>,
    #[serde(borrow)]
    source_ip: Option<&'a RawValue>,
    #[serde(borrow)]
    user_agent: Option<&'a RawValue>,
}

// ===== impl HttpRequest =====

impl<'a> HttpRequest<'a> {
    pub(super) fn read(
        trigger: Trigger,
        envelope: &Envelope<'a>,
        context: &RequestContext<'a>,
    ) -> Self {
        let client: Client<'a> = json::parse(context.http.or(context.identity)).unwrap_or_default();
        let headers = EventHeaders::from_json(
            envelope.headers.map(RawValue::get),
            envelope.multi_value_headers.map(RawValue::get),
        );
        let header = |name: &str| headers.get(name).map(|value| Cow::Owned(value.to_owned()));
        let first = |fields: [Option<&'a RawValue>; 2]| fields.into_iter().flatten().find_map(text);

        Self {
            method: first([envelope.http_method, client.method]).unwrap_or(Cow::Borrowed("GET")),
            path: first([envelope.path.or(envelope.raw_path), client.path])
                .unwrap_or(Cow::Borrowed("/")),
            route: route(trigger, envelope),
            scheme: header("x-forwarded-proto").unwrap_or(Cow::Borrowed("https")),
            host: context
                .domain_name
                .and_then(text)
                .or_else(|| header("host")),
            client_address: client.source_ip.and_then(text),
            user_agent: client
                .user_agent
                .and_then(text)
                .or_else(|| header("user-agent")),
            protocol_version: first([client.protocol, context.protocol])
                .as_deref()
                .and_then(version),
            context: TraceContext::extract(&headers)
                .map(TraceContext::into_owned)
                .ok(),
            headers,
        }
    }
}

fn route<'a>(trigger: Trigger, envelope: &Envelope<'a>) -> Option<Cow<'a, str>> {
    match trigger {
        Trigger::ApiGatewayV1 => envelope.resource.and_then(text),
        Trigger::ApiGatewayV2 => {
            // `GET /orders/{id}`, or `$default` when no route matched.
            let key = envelope.route_key.and_then(text)?;
            let (_method, route) = key.split_once(' ')?;
            Some(Cow::Owned(route.to_owned()))
        }
        _ => None,
    }
}

fn version(protocol: &str) -> Option<Cow<'static, str>> {
    let version = protocol.strip_prefix("HTTP/")?;
    Some(Cow::Owned(version.to_owned()))
}
