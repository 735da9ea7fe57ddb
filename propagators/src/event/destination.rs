//! What became of an asynchronous invocation, delivered to a destination: the original event stands inside. Of a batch that an
//! event source mapping gave up, it may stand there, or only its place in the stream.

use opentelemetry::KeyValue;

use super::{
    Place, Reading, Record, Trigger,
    contexts::Again,
    envelope::{Envelope, RequestContext},
    place::Step,
    record::rfc3339_ms,
};
use crate::{attribute as a, json::Raw};

pub(super) fn read<'a>(
    envelope: &Envelope<'a>,
    context: &RequestContext<'a>,
    reading: &mut Reading<'_>,
) -> Record<'a> {
    let mut record = Record::new(Trigger::Destination).with_arn(context.function_arn);
    record.destination = record_name(context.function_arn).unwrap_or_default().into();
    record.message_id = context.request_id.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = rfc3339_ms(envelope.timestamp);
    let condition = context.condition.and_then(Raw::text).unwrap_or_default();
    if condition != "Success" {
        record.contexts.again = Some(Again::Failure);
    }
    if reading.is_outermost() {
        let condition = KeyValue::new(a::BATON_EVENT_TYPE, condition.into_owned());
        record.details.push(condition);
    }
    let original = envelope
        .request_payload
        .map(|payload| (payload, Step::RequestPayload));
    let batch = envelope.whole_event.map(|event| (event, Step::WholeEvent));
    if let Some((event, step)) = original.or(batch) {
        record.inside = reading.value(event, Place::of(step), &mut record.contexts);
    }
    record
}

/// `shop` of `arn:aws:lambda:us-east-1:123456789012:function:shop:$LATEST`.
fn record_name(arn: Option<Raw<'_>>) -> Option<String> {
    arn?.text()?.split(':').nth(6).map(str::to_owned)
}
