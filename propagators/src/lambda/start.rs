//! How the span of an invocation starts: as one of ours, or as the one that Baton's extension made.

use std::time::SystemTime;

use lambda_runtime::LambdaInvocation;
use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{SpanBuilder, SpanContext, TraceContextExt, Tracer},
};

use crate::{
    BatonSpan, attribute as a,
    event::{self, ClientContext, Event, Reader},
    origin::{origin, with_baggage},
};

/// Reads the event and the headers that it came with.
pub(super) fn read<'a>(reader: &Reader, request: &'a LambdaInvocation) -> Event<'a> {
    let mut invocation = event::Invocation::new(&request.body);
    let client_context = request.parts.headers.get("lambda-runtime-client-context");
    let json = client_context.and_then(|json| str::from_utf8(json.as_bytes()).ok());
    invocation.client_context = json.map(ClientContext::Json);
    invocation.trace_header = request.context.xray_trace_id.as_deref();
    reader.invocation(&invocation)
}

/// Starts the span.
pub(super) fn own_span(
    tracer: &BoxedTracer,
    event: &Event<'_>,
    lambda: &lambda_runtime::Context,
    cold: bool,
    started: SystemTime,
) -> Context {
    let name = event.span_name();
    let attributes = event.attributes().into_iter();
    let (parent, links) = origin(event);
    let span =
        SpanBuilder::from_name(name.unwrap_or_else(|| lambda.env_config.function_name.clone()))
            .with_kind(event.span_kind())
            .with_start_time(started)
            .with_attributes(attributes.chain(function_attributes(lambda, cold)))
            .with_links(links);
    parent.with_span(tracer.build_with_context(span, &parent))
}

/// Stands under the span that was made; what goes along with the event comes along here too.
pub(super) fn layers_span(event: &Event<'_>, made: &BatonSpan) -> Context {
    let span = made.invocation();
    let parent = event.relation().parent.map(|found| &found.context);
    let state = parent.filter(|parent| parent.trace_id() == span.trace_id());
    let span = SpanContext::from(span);
    let span = match state {
        Some(parent) => SpanContext::new(
            span.trace_id(),
            span.span_id(),
            span.trace_flags(),
            true,
            SpanContext::from(parent).trace_state().clone(),
        ),
        None => span,
    };
    with_baggage(&Context::current(), event.baggage()).with_remote_span_context(span)
}

/// <https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/>
fn function_attributes(lambda: &lambda_runtime::Context, cold: bool) -> Vec<KeyValue> {
    let arn = lambda.invoked_function_arn.as_str();
    let mut attributes = vec![
        KeyValue::new(a::FAAS_INVOCATION_ID, lambda.request_id.clone()),
        KeyValue::new(a::FAAS_COLDSTART, cold),
    ];
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME, and `:QUALIFIER` when the caller named a version or an alias.
    let parts: Vec<&str> = arn.split(':').collect();
    if let [
        "arn",
        _,
        "lambda",
        _,
        account,
        "function",
        _,
        qualifier @ ..,
    ] = parts.as_slice()
    {
        let resource = match qualifier {
            [qualifier] => format!(
                "{}{}",
                arn.strip_suffix(qualifier).unwrap_or(arn),
                lambda.env_config.version
            ),
            _ => arn.to_owned(),
        };
        attributes.push(KeyValue::new(a::AWS_LAMBDA_INVOKED_ARN, arn.to_owned()));
        attributes.push(KeyValue::new(a::CLOUD_RESOURCE_ID, resource));
        attributes.push(KeyValue::new(a::CLOUD_ACCOUNT_ID, (*account).to_owned()));
    }
    attributes
}
