//! The HTTP request inside an event: API Gateway, Function URLs, load balancers, VPC Lattice.

use std::borrow::Cow;

use super::{
    Event, Place, Reading, Trigger, authorizer,
    envelope::{Envelope, RequestContext},
    place::Step,
};
use crate::{
    carrier::EventHeaders,
    json::{Object, Raw, object},
};

/// The request that a load balancer, an API or a Function URL turned into an event.
///
/// The query is left out on purpose: it often holds what should not stand in a trace.
///
/// ```
/// use baton_propagators::event::Event;
///
/// let event = Event::parse(br#"{"httpMethod": "GET", "path": "/health", "headers": {"x-forwarded-proto": "http"},
///     "requestContext": {"elb": {"targetGroupArn": "arn:aws"}}}"#);
/// let request = event.http.as_ref().map(|request| (&*request.method, &*request.scheme, &*request.path));
/// assert_eq!(request, Some(("GET", "http", "/health")));
/// ```
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
}

object! {
    /// `identity` and `http` of the request context have fields of the same names.
    struct Client {
        method: "method",
        path: "path",
        protocol: "protocol",
        source_ip: "sourceIp",
        user_agent: "userAgent",
    }
}

pub(super) fn read<'a>(
    trigger: Trigger,
    envelope: &Envelope<'a>,
    context: &RequestContext<'a>,
    reading: &Reading<'_>,
) -> Event<'a> {
    let mut event = Event::new(trigger);
    let request = HttpRequest::read(trigger, envelope, context);
    reading.carrier(
        &request.headers,
        Place::of(Step::Headers),
        &mut event.contexts,
    );
    authorizer::read(context, reading, &mut event.contexts);
    event.http = Some(request);
    event
}

// ===== impl HttpRequest =====

impl<'a> HttpRequest<'a> {
    fn read(trigger: Trigger, envelope: &Envelope<'a>, context: &RequestContext<'a>) -> Self {
        let client = Client::read(context.http.or(context.identity));
        let headers = EventHeaders::read(envelope.headers, envelope.multi_value_headers);
        let header = |name: &str| {
            let value = headers.get(name).filter(|value| !value.is_empty());
            value.map(|value| Cow::Owned(value.to_owned()))
        };
        let first = |fields: [Option<Raw<'a>>; 3]| fields.into_iter().flatten().find_map(Raw::text);

        Self {
            method: first([envelope.http_method, envelope.method, client.method])
                .unwrap_or(Cow::Borrowed("GET")),
            path: first([
                envelope.path.or(envelope.raw_path),
                envelope.lattice_path,
                client.path,
            ])
            .map_or(Cow::Borrowed("/"), without_query),
            route: route(trigger, envelope),
            scheme: header("x-forwarded-proto").unwrap_or(Cow::Borrowed("https")),
            host: context
                .domain_name
                .and_then(Raw::text)
                .or_else(|| header("host")),
            client_address: client.source_ip.and_then(Raw::text),
            user_agent: client
                .user_agent
                .and_then(Raw::text)
                .or_else(|| header("user-agent")),
            protocol_version: first([client.protocol, context.protocol, None])
                .as_deref()
                .and_then(version),
            headers,
        }
    }
}

/// VPC Lattice v1 leaves it in the path.
fn without_query(path: Cow<'_, str>) -> Cow<'_, str> {
    match path.find('?') {
        Some(end) => Cow::Owned(path.get(..end).unwrap_or_default().to_owned()),
        None => path,
    }
}

fn route<'a>(trigger: Trigger, envelope: &Envelope<'a>) -> Option<Cow<'a, str>> {
    match trigger {
        Trigger::ApiGatewayV1 => envelope.resource.and_then(Raw::text),
        Trigger::ApiGatewayV2 => {
            // `GET /orders/{id}`, or `$default` when no route matched.
            let key = envelope.route_key.and_then(Raw::text)?;
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
