//! What AWS refuses, with the page that says so.

use axum::http::StatusCode;
use serde_json::Value;

use super::{
    Request,
    sizes::{attributes, base64_bytes, event, form_messages, item},
};

/// The limits that changed over the years, or that owners choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A queue's or a topic's `MaximumMessageSize`.
    pub(crate) message: usize,
    /// All messages of a request.
    pub(crate) messages: usize,
    pub(crate) event: usize,
    pub(crate) record: usize,
    pub(crate) records: usize,
    pub(crate) payload: usize,
    pub(crate) input: usize,
}

impl Limits {
    /// Of 2024.
    pub(crate) const OLD: Self = Self {
        message: 262_144,
        messages: 262_144,
        event: 262_144,
        record: 1_048_576,
        records: 5_242_880,
        payload: 262_144,
        input: 262_144,
    };
    /// Of 2026.
    pub(crate) const NEW: Self = Self {
        message: 1_048_576,
        messages: 1_048_576,
        event: 1_048_576,
        record: 10_485_760,
        records: 10_485_760,
        payload: 1_048_576,
        input: 1_048_576,
    };
}

type Refusal = Option<(StatusCode, &'static str)>;

pub(super) fn check(request: &Request, limits: &Limits) -> Refusal {
    let body = request.json();
    match request.operation().as_str() {
        "SendMessage" => message(&body, limits),
        "SendMessageBatch" => messages(&body, limits),
        "Publish" | "PublishBatch" => notifications(request, limits),
        "PutEvents" => events(&body, limits),
        "invocations" | "response-streaming-invocations" => invocation(request, limits),
        "StartExecution" | "StartSyncExecution" => execution(&body, limits),
        "PutRecord" if body["Record"].is_object() => delivery(&[body["Record"].clone()]),
        "PutRecord" => records(&[body], limits),
        "PutRecords" => records(body["Records"].as_array().unwrap(), limits),
        "PutRecordBatch" => delivery(body["Records"].as_array().unwrap()),
        "PutItem" => put(&body),
        "UpdateItem" => update(&body),
        _ => None,
    }
}

fn refuse(condition: bool, code: &'static str) -> Refusal {
    condition.then_some((StatusCode::BAD_REQUEST, code))
}

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>,
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageAttributeValue.html>
fn message(message: &Value, limits: &Limits) -> Refusal {
    let (count, bytes, is_empty) = attributes(&message["MessageAttributes"]);
    let bytes = bytes + message["MessageBody"].as_str().unwrap().len();
    refuse(
        count > 10 || is_empty || bytes > limits.message,
        "InvalidParameterValue",
    )
}

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
fn messages(body: &Value, limits: &Limits) -> Refusal {
    let entries = body["Entries"].as_array().unwrap();
    let bytes = |entry: &Value| {
        attributes(&entry["MessageAttributes"]).1 + entry["MessageBody"].as_str().unwrap().len()
    };
    let too_long = entries.iter().map(bytes).sum::<usize>() > limits.messages;
    let first = entries.iter().find_map(|entry| message(entry, limits));
    refuse(too_long, "AWS.SimpleQueueService.BatchRequestTooLong").or(first)
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>. An eleventh attribute is no error there; a queue with raw
/// delivery loses the message: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>. Here it is refused.
fn notifications(request: &Request, limits: &Limits) -> Refusal {
    let messages = form_messages(&request.form());
    let too_long = messages.iter().map(|(_, bytes)| bytes).sum::<usize>() > limits.messages
        || messages.iter().any(|(_, bytes)| *bytes > limits.message);
    let lost = messages.iter().any(|(attributes, _)| *attributes > 10);
    refuse(too_long, "InvalidParameter").or(refuse(lost, "DiscardedByTheQueue"))
}

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>: "less than"; a `TraceHeader` has 500
/// characters at most.
fn events(body: &Value, limits: &Limits) -> Refusal {
    let entries = body["Entries"].as_array().unwrap();
    let too_long = entries.iter().map(event).sum::<usize>() >= limits.event;
    let header = |entry: &Value| {
        entry["TraceHeader"]
            .as_str()
            .is_some_and(|header| header.len() > 500)
    };
    refuse(
        too_long || entries.iter().any(header),
        "ValidationException",
    )
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
fn invocation(request: &Request, limits: &Limits) -> Refusal {
    let context = request.header("x-amz-client-context").unwrap_or_default();
    let is_event = request.header("x-amz-invocation-type") == Some("Event");
    let limit = if is_event { limits.payload } else { 6_291_456 };
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException");
    refuse(context.len() > 3_583, "InvalidRequestContentException")
        .or((request.body.len() > limit).then_some(too_large))
}

/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
fn execution(body: &Value, limits: &Limits) -> Refusal {
    let long =
        |name: &str, limit: usize| body[name].as_str().is_some_and(|text| text.len() > limit);
    refuse(
        long("input", limits.input) || long("traceHeader", 256),
        "ValidationException",
    )
}

/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html>
fn records(records: &[Value], limits: &Limits) -> Refusal {
    let bytes = |record: &Value| {
        base64_bytes(&record["Data"]) + record["PartitionKey"].as_str().unwrap().len()
    };
    let sizes: Vec<_> = records.iter().map(bytes).collect();
    let too_long = sizes.iter().any(|bytes| *bytes > limits.record)
        || sizes.iter().sum::<usize>() > limits.records;
    refuse(too_long, "InvalidArgumentException")
}

/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>
fn delivery(records: &[Value]) -> Refusal {
    let sizes: Vec<_> = records
        .iter()
        .map(|record| base64_bytes(&record["Data"]))
        .collect();
    let too_long =
        sizes.iter().any(|bytes| *bytes > 1_024_000) || sizes.iter().sum::<usize>() > 4_194_304;
    refuse(too_long, "InvalidArgumentException")
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
fn put(body: &Value) -> Refusal {
    refuse(item(&body["Item"]) > 409_600, "ValidationException")
}

/// The same page, and <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html>: a
/// clause comes once.
fn update(body: &Value) -> Refusal {
    let expression = body["UpdateExpression"].as_str().unwrap_or_default();
    let sets = expression
        .split_whitespace()
        .filter(|word| word.eq_ignore_ascii_case("SET"))
        .count();
    let is_old = !(body["AttributeUpdates"].is_null() && body["Expected"].is_null());
    let mixed = is_old && !expression.is_empty();
    refuse(
        expression.len() > 4_096 || sets > 1 || mixed,
        "ValidationException",
    )
}
