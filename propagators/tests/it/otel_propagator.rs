//! OpenTelemetry's own propagator over every carrier reads and writes what ours does.

use std::collections::HashMap;

use aws_sdk_sqs::types::Message;
use baton_propagators::{
    carrier::{
        EventHeaders, HeaderExtractor, HeaderInjector, MessageAttributes, RecordAttributes,
        SendAttributes,
    },
    context::TraceContext,
};
use http::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanContext, TraceContextExt},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use crate::queue::{caller, text};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[track_caller]
fn check(carrier: &dyn Extractor) {
    let theirs = TraceContextPropagator::new().extract(carrier);
    let ours = TraceContext::parse(PARENT, Some("dd=s:1")).unwrap();
    assert_eq!(theirs.span().span_context(), &SpanContext::from(&ours));
    for name in ["traceparent", "tracestate"] {
        assert!(carrier.keys().contains(&name), "{:?}", carrier.keys());
    }
}

#[test]
fn http_headers() {
    let mut headers = HeaderMap::new();
    TraceContextPropagator::new().inject_context(&caller(), &mut HeaderInjector(&mut headers));
    check(&HeaderExtractor(&headers));
    let ours = TraceContext::extract(&headers).unwrap();
    assert_eq!(ours.traceparent().as_str(), PARENT);
}

#[test]
fn event_headers() {
    let json = format!(r#"{{"traceparent": "{PARENT}", "tracestate": "dd=s:1"}}"#);
    check(&EventHeaders::from_json(Some(&json), None));
}

#[test]
fn record_attributes() {
    let json = format!(
        r#"{{"traceparent": {{"stringValue": "{PARENT}", "dataType": "String"}},
             "tracestate": {{"binaryValue": "ZGQ9czox", "dataType": "Binary"}}}}"#
    );
    check(&RecordAttributes::from_json(&json));
}

#[test]
fn message_attributes() {
    let mut attributes = HashMap::from([("own".to_owned(), text("kept"))]);
    TraceContextPropagator::new().inject_context(&caller(), &mut SendAttributes(&mut attributes));
    let message = Message::builder().set_message_attributes(Some(attributes));
    let message = message.build();
    check(&MessageAttributes(&message));
    let ours = MessageAttributes(&message).context();
    assert_eq!(ours.unwrap().traceparent().as_str(), PARENT);
}
