//! S3: notifications, which tell nothing of the metadata of an object. An X-Ray header arrives beside them.

use std::borrow::Cow;

use opentelemetry::KeyValue;
use percent_encoding::percent_decode_str;

use super::{
    Record, Trigger,
    record::{RawRecord, rfc3339_ms},
};
use crate::{
    attribute as a,
    json::{Object, Raw, object},
};

object! {
    struct Notification {
        bucket: "bucket",
        object: "object",
    }
}

pub(super) fn read<'a>(raw: &RawRecord<'a>) -> Record<'a> {
    let found = Notification::read(raw.s3);
    let bucket = found.bucket.and_then(|bucket| bucket.get("name"));
    let arn = found.bucket.and_then(|bucket| bucket.get("arn"));
    let key = found.object.and_then(|object| object.get("key"));

    let mut record = Record::new(Trigger::S3).with_arn(arn);
    record.destination = bucket.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = rfc3339_ms(raw.event_time);
    record.detail(a::FAAS_DOCUMENT_COLLECTION, bucket);
    if let Some(operation) = raw
        .event_name
        .and_then(Raw::text)
        .as_deref()
        .and_then(operation)
    {
        record
            .details
            .push(KeyValue::new(a::FAAS_DOCUMENT_OPERATION, operation));
    }
    if let Some(key) = key.and_then(Raw::text) {
        record
            .details
            .push(KeyValue::new(a::FAAS_DOCUMENT_NAME, decoded(&key)));
    }
    record.detail(a::FAAS_DOCUMENT_TIME, raw.event_time);
    // The `x-amz-request-id` that whoever put the object was answered with: the one join that S3 leaves.
    let request = raw
        .response_elements
        .and_then(|elements| elements.get("x-amz-request-id"));
    record.detail(a::BATON_ORIGIN_REQUEST_ID, request);
    record
}

/// `ObjectCreated:Put`, `ObjectRemoved:Delete`, and more that are neither.
fn operation(event: &str) -> Option<&'static str> {
    let event = event.strip_prefix("s3:").unwrap_or(event);
    match event.split(':').next()? {
        "ObjectCreated" | "ObjectRestore" => Some("insert"),
        "ObjectRemoved" | "LifecycleExpiration" => Some("delete"),
        "ObjectTagging" | "ObjectAcl" => Some("edit"),
        _ => None,
    }
}

/// Keys are written as in a form: `+` is a space.
fn decoded(key: &str) -> String {
    let spaced: Cow<'_, str> = if key.contains('+') {
        Cow::Owned(key.replace('+', " "))
    } else {
        Cow::Borrowed(key)
    };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
