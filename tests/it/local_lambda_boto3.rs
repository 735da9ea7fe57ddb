//! The Invoke API as AWS's own Python SDK sees it: answers, function errors, and every documented refusal.

use std::process::Command;

use expect_test::expect;
use local_lambda::{Config, LocalLambda};

use crate::harness::interpreters::{functions, python};
use crate::harness::recording::Recording;

#[tokio::test(flavor = "multi_thread")]
async fn boto3_understands_every_answer() {
    let recording = Recording::new();
    let mut slow = recording.function("obey", "record.obey");
    slow.concurrency = 1;
    let lambda = LocalLambda::start(Config::new([
        recording.function("echo", "record.echo"),
        slow,
    ]))
    .await
    .unwrap();
    let mut client = Command::new(python());
    client
        .arg(functions().join("invoke_boto3.py"))
        .arg(lambda.invoke_url());
    let output = tokio::task::spawn_blocking(move || client.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    lambda.shutdown().await;
    expect![[r#"
        answer: 200 error=None version=$LATEST {"event": {"order": 7}, "custom": null} log has the print
        no payload: 200 error=None version=$LATEST {"event": {}, "custom": null}
        client context: 200 error=None version=$LATEST {"event": {}, "custom": {"traceparent": "00-ab-cd-01"}}
        arn: 200 error=None version=$LATEST {"event": 1, "custom": null}
        latest: 200 error=None version=$LATEST {"event": 2, "custom": null}
        function error: 200 error=Unhandled version=$LATEST {"errorType": "ValueError", "errorMessage": "no stock"}
        dry run: 204 error=None version=$LATEST null
        event: 202 error=None version=$LATEST null
        unknown function: 404 ResourceNotFoundException Function not found: arn:aws:lambda:us-east-1:000000000000:function:nowhere {'Type': 'User'}
        unknown version: 404 ResourceNotFoundException Function not found: arn:aws:lambda:us-east-1:000000000000:function:echo:7 {'Type': 'User'}
        two versions: 400 InvalidParameterValueException The derived qualifier from the function name does not match the specified qualifier. {'Type': 'User'}
        no json: 400 InvalidRequestContentException Could not parse request body into json: expected value at line 1 column 1 {'Type': 'User'}
        bad context: 400 InvalidRequestContentException Client context must be a valid Base64-encoded JSON object. {'Type': 'User'}
        large context: 400 InvalidRequestContentException Client context is 4028 bytes of base64, expected at most 3583 {'Type': 'User'}
        large payload: 413 RequestTooLargeException Request must be smaller than 6291456 bytes for the InvokeFunction operation {'Type': 'User'}
        large event: 413 RequestTooLargeException Request must be smaller than 1048576 bytes for the InvokeFunction operation {'Type': 'User'}
        throttled: 429 TooManyRequestsException Rate Exceeded. {'Type': 'User', 'Reason': 'ConcurrentInvocationLimitExceeded'}
    "#]].assert_eq(&String::from_utf8_lossy(&output.stdout));
}
