use std::cell::Cell;

use serde_json::{json, value::RawValue};

use super::*;

#[track_caller]
fn check(response: impl Serialize, status: Option<u16>, failures: Option<&[Option<&str>]>) {
    let answer = peek(
        Trigger::Sqs,
        &FunctionResponse::<_, ()>::BufferedResponse(response),
    );
    assert_eq!(answer.status, status);
    let failures = failures.map(|ids| ids.iter().map(|id| id.map(str::to_owned)).collect());
    assert_eq!(answer.failures, failures);
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    status_code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_item_failures: Option<Vec<Value>>,
    body: Unseen,
}

/// A body that tells when somebody serializes it.
#[derive(Default)]
struct Unseen(Cell<bool>);

impl Serialize for Unseen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.set(true);
        serializer.serialize_none()
    }
}

#[test]
fn statuses() {
    check(json!({"statusCode": 503, "body": "x"}), Some(503), None);
    check(Some(json!({"statusCode": 503})), Some(503), None);
    check(
        RawValue::from_string(r#"{"statusCode": 404}"#.into()).unwrap(),
        Some(404),
        None,
    );
    check(json!({"statusCode": "200"}), None, None);
    check(json!({"statusCode": -1}), None, None);
    check(json!({"statusCode": 70_000}), None, None);
    check(json!({"outer": {"statusCode": 500}}), None, None);
}

#[test]
fn failures() {
    let id = |id: &str| json!({"itemIdentifier": id});
    check(
        json!({"batchItemFailures": [id("a"), id("b")]}),
        None,
        Some(&[Some("a"), Some("b")]),
    );
    check(json!({"batchItemFailures": []}), None, Some(&[]));
    check(json!({"batchItemFailures": null}), None, Some(&[]));
    let kafka = json!([{"itemIdentifier": {"partition": "clicks-0", "offset": 16}}]);
    check(
        json!({"batchItemFailures": kafka}),
        None,
        Some(&[Some("clicks-0-16")]),
    );
    let half = json!([{"itemIdentifier": {"partition": "clicks-0"}}]);
    check(json!({"batchItemFailures": half}), None, Some(&[None]));
    check(json!({"batchItemFailures": [id("")]}), None, Some(&[None]));
    check(
        json!({"batchItemFailures": [{"id": "a"}]}),
        None,
        Some(&[None]),
    );
    check(json!({"batchItemFailures": "a"}), None, Some(&[None]));
}

#[test]
fn other_values_say_nothing() {
    check((), None, None);
    check("text", None, None);
    check([1, 2], None, None);
    check(json!(null), None, None);
}

#[test]
fn the_body_is_not_serialized() {
    let typed = Typed {
        status_code: 201,
        batch_item_failures: None,
        body: Unseen::default(),
    };
    check(&typed, Some(201), None);
    assert!(!typed.body.0.get());
}

#[test]
fn firehose_records() {
    let response = || {
        json!({"records": [
            {"recordId": "1", "result": "Ok", "data": ""},
            {"recordId": "2", "result": "ProcessingFailed"},
            {"recordId": "3", "result": "Dropped"},
        ]})
    };
    let peek = |trigger| {
        let response = FunctionResponse::<_, ()>::BufferedResponse(response());
        super::peek(trigger, &response).failures
    };
    assert_eq!(peek(Trigger::Firehose), Some(vec![Some("2".to_owned())]));
    assert_eq!(peek(Trigger::Sqs), None);
}
