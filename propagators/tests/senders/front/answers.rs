//! Yes and no in the protocols of AWS.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::Request;

/// As the service says that it did what it was asked for.
pub(super) fn accept(request: &Request) -> Response {
    let operation = request.operation();
    let body = match operation.as_str() {
        "SendMessage" => json!({"MessageId": "m-1", "MD5OfMessageBody": "0"}),
        "SendMessageBatch" => {
            json!({"Successful": [{"Id": "a", "MessageId": "m-1", "MD5OfMessageBody": "0"}], "Failed": []})
        }
        "PutEvents" => json!({"FailedEntryCount": 0, "Entries": [{"EventId": "e-1"}]}),
        "StartExecution" => {
            json!({"executionArn": "arn:aws:states:us-east-1:1:execution:orders:e-1", "startDate": 1.0})
        }
        "StartSyncExecution" => json!({
            "executionArn": "arn:aws:states:us-east-1:1:express:orders:e-1", "startDate": 1.0, "stopDate": 2.0, "status": "FAILED",
            "error": "OutOfStock", "cause": "no more of it",
        }),
        "PutRecord"
            if request
                .header("x-amz-target")
                .is_some_and(|target| target.starts_with("Firehose")) =>
        {
            json!({"RecordId": "r-1"})
        }
        "PutRecord" => json!({"ShardId": "shardId-0", "SequenceNumber": "s-1"}),
        "PutRecords" => json!({"FailedRecordCount": 1, "Records": [
            {"ShardId": "shardId-0", "SequenceNumber": "s-1"},
            {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"},
        ]}),
        "PutRecordBatch" => json!({"FailedPutCount": 0, "RequestResponses": [{"RecordId": "r-1"}]}),
        "Publish" | "PublishBatch" => return published(&operation),
        _ => json!({}),
    };
    let is_event = request.header("x-amz-invocation-type") == Some("Event");
    let status = if is_event {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    (
        status,
        [("x-amzn-requestid", "request-1")],
        body.to_string(),
    )
        .into_response()
}

pub(super) fn refuse(request: &Request, (status, code): &(StatusCode, &'static str)) -> Response {
    if request.form().contains_key("Action") {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>refused</Message></Error>\
             <RequestId>request-1</RequestId></ErrorResponse>"
        );
        return (*status, body).into_response();
    }
    let body = json!({"__type": code, "message": "refused"}).to_string();
    (
        *status,
        [
            ("x-amzn-errortype", *code),
            ("x-amzn-requestid", "request-1"),
        ],
        body,
    )
        .into_response()
}

fn published(operation: &str) -> Response {
    let result = match operation {
        "Publish" => "<MessageId>m-1</MessageId>",
        _ => {
            "<Successful><member><Id>a</Id><MessageId>m-1</MessageId></member></Successful><Failed/>"
        }
    };
    format!(
        r#"<{operation}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{operation}Result>{result}</{operation}Result></{operation}Response>"#
    )
    .into_response()
}
