//! What our injectors write into the headers of Kafka records and AMQP messages, the readers of their events find, as Lambda
//! delivers them.

use std::collections::BTreeMap;

use baton_propagators::{
    carrier::{HeaderList, HeaderListMut, SetWith},
    event::{Event, Trigger},
    format::Propagator,
};
use opentelemetry::{
    Context, KeyValue, SpanId, TraceFlags, TraceId,
    baggage::BaggageExt,
    propagation::{Injector, TextMapPropagator},
    trace::{SpanContext, TraceContextExt, TraceState},
};
use serde_json::{Value, json};

use crate::queue::caller;

/// A span of the caller with baggage, written by our propagator and by OpenTelemetry's.
fn write(into: &mut dyn Injector) -> Context {
    let context = caller().with_baggage([KeyValue::new("tenant", "acme")]);
    Propagator::default().inject_context(&context, into);
    context
}

#[track_caller]
fn check(event: &Value, trigger: Trigger, sender: &Context) {
    let bytes = event.to_string();
    let event = Event::parse(bytes.as_bytes());
    assert_eq!((event.trigger, event.invalid()), (trigger, 0));
    let contexts = &event.records[0].contexts;
    let found = SpanContext::from(&contexts.winner().unwrap().context);
    assert_eq!(written(&found), written(sender.span().span_context()));
    assert_eq!(contexts.baggage.get("tenant").as_deref(), Some("acme"));
}

/// All but where it is from.
fn written(context: &SpanContext) -> (TraceId, SpanId, TraceFlags, TraceState) {
    let state = context.trace_state().clone();
    (
        context.trace_id(),
        context.span_id(),
        context.trace_flags(),
        state,
    )
}

/// Lambda writes the bytes as Java has them, with a sign.
fn signed(bytes: &[u8]) -> Value {
    json!(
        bytes
            .iter()
            .map(|byte| byte.cast_signed())
            .collect::<Vec<_>>()
    )
}

#[test]
fn kafka() {
    let mut headers = vec![
        ("id".to_owned(), vec![0xff]),
        ("traceparent".to_owned(), b"of the record before".to_vec()),
    ];
    let sender = write(&mut HeaderListMut(&mut headers));

    // A consumer outside Lambda.
    let list: HeaderList<'_> = headers.iter().map(|(name, value)| (name, value)).collect();
    let received = Propagator::default().extract(&list);
    assert_eq!(
        written(received.span().span_context()),
        written(sender.span().span_context())
    );

    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| json!({name: signed(value)}))
        .collect();
    let record = json!({"topic": "orders", "partition": 0, "offset": 15, "timestamp": 1_545_084_650_987_u64,
        "timestampType": "CREATE_TIME", "value": "SGVsbG8=", "headers": headers});
    for source in ["aws:kafka", "SelfManagedKafka"] {
        let event = json!({"eventSource": source, "bootstrapServers": "b-1.example:9092",
            "records": {"orders-0": [record]}});
        let trigger = Event::parse(event.to_string().as_bytes()).trigger;
        check(&event, trigger, &sender);
    }
}

#[test]
fn rabbitmq() {
    let mut table = BTreeMap::new();
    let sender = write(&mut SetWith(|name: &str, value: &str| {
        table.insert(name.to_owned(), value.as_bytes().to_vec());
    }));
    let headers: serde_json::Map<_, _> = table
        .iter()
        .map(|(name, value)| (name.clone(), json!({"bytes": signed(value)})))
        .collect();
    let event = json!({"eventSource": "aws:rmq",
        "eventSourceArn": "arn:aws:mq:us-west-2:123456789012:broker:pizza:b-9bcfa592",
        "rmqMessagesByQueue": {"orders::/": [{"basicProperties": {"contentType": "text/plain", "headers": headers,
            "messageId": "1"}, "redelivered": false, "data": "SGVsbG8="}]}});
    check(&event, Trigger::RabbitMq, &sender);
}
