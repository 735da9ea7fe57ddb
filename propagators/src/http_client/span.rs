//! The span of one attempt: what the request says at the start, what the response or the error adds, and its end in any case.

use std::error::Error;

use http::{HeaderMap, Method, StatusCode, Version};
use opentelemetry::{
    Context, KeyValue,
    propagation::TextMapPropagator,
    trace::{SpanBuilder, SpanKind, Status, TraceContextExt},
};

use super::{exchange::HttpResponse, failure, url::Server};
use crate::{
    attribute as a, carrier::HeaderInjector, event::attributes::known_method, format::Propagator,
    tracer::ChosenTracer,
};

/// Ends when it is dropped.
pub(super) struct RequestSpan {
    context: Context,
    finished: bool,
}

/// What is known before the request is sent.
pub(super) struct Subject<'r> {
    pub(super) method: &'r Method,
    pub(super) server: Server,
    /// Without secrets.
    pub(super) url: String,
    pub(super) template: Option<&'r str>,
    pub(super) resends: u32,
}

// ===== impl RequestSpan =====

impl RequestSpan {
    pub(super) fn start(tracer: &ChosenTracer, subject: &Subject<'_>) -> Self {
        let builder = SpanBuilder::from_name(subject.name())
            .with_kind(SpanKind::Client)
            .with_attributes(subject.attributes());
        let parent = Context::current();
        let context = parent.with_span(tracer.start(builder, &parent));
        Self {
            context,
            finished: false,
        }
    }

    pub(super) fn inject(&self, propagator: &Propagator, headers: &mut HeaderMap) {
        propagator.inject_context(&self.context, &mut HeaderInjector(headers));
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn answered(&mut self, response: &impl HttpResponse) {
        self.finished = true;
        let status = response.status();
        self.set(a::HTTP_RESPONSE_STATUS_CODE, i64::from(status.as_u16()));
        if let Some(version) = version(response.version()) {
            self.set(a::NETWORK_PROTOCOL_VERSION, version);
        }
        if status.is_client_error() || status.is_server_error() {
            self.set(a::ERROR_TYPE, status.as_str().to_owned());
            // The reason is in the status code: the conventions want no description.
            self.context.span().set_status(Status::error(""));
        }
    }

    /// `status`: of the response that was an error to the client.
    pub(super) fn failed(
        &mut self,
        kind: &'static str,
        error: &(dyn Error + 'static),
        status: Option<StatusCode>,
    ) {
        self.finished = true;
        if let Some(status) = status {
            self.set(a::HTTP_RESPONSE_STATUS_CODE, i64::from(status.as_u16()));
        }
        self.set(a::ERROR_TYPE, kind);
        let text = failure::cause(error).unwrap_or_default();
        self.context.span().set_status(Status::error(text));
    }

    fn set(&self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        self.context.span().set_attribute(KeyValue::new(key, value));
    }
}

/// The caller gave up: a time-out, a race that another request won, its own end.
impl Drop for RequestSpan {
    fn drop(&mut self) {
        if !self.finished {
            self.set(a::ERROR_TYPE, "cancelled");
            self.context.span().set_status(Status::error(""));
        }
        self.context.span().end();
    }
}

// ===== impl Subject =====

impl Subject<'_> {
    /// The path is not in it: it may be another one each time.
    fn name(&self) -> String {
        let method = known_method(self.method.as_str()).unwrap_or("HTTP");
        match self.template {
            Some(template) => format!("{method} {template}"),
            None => method.to_owned(),
        }
    }

    fn attributes(&self) -> Vec<KeyValue> {
        let method = known_method(self.method.as_str());
        let text = |key, value: Option<&str>| Some(KeyValue::new(key, value?.to_owned()));
        let number = |key, value: Option<i64>| Some(KeyValue::new(key, value?));
        let original = method.is_none().then(|| self.method.as_str());
        let resends = (self.resends > 0).then(|| i64::from(self.resends));
        let attributes = [
            Some(KeyValue::new(
                a::HTTP_REQUEST_METHOD,
                method.unwrap_or(a::OTHER),
            )),
            text(a::HTTP_REQUEST_METHOD_ORIGINAL, original),
            number(a::HTTP_REQUEST_RESEND_COUNT, resends),
            text(a::SERVER_ADDRESS, self.server.address.as_deref()),
            number(a::SERVER_PORT, self.server.port.map(i64::from)),
            text(a::URL_FULL, Some(&self.url)),
            text(a::URL_TEMPLATE, self.template),
        ];
        attributes.into_iter().flatten().collect()
    }
}

fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_09 => Some("0.9"),
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}
