//! What the Runtime API hands out, takes and refuses.

use expect_test::expect;
use local_lambda::{FaultKind, InvokeError, InvokeRequest, MAX_PAYLOAD_BYTES};
use serde_json::{Value, json};

use crate::bed::Bed;

#[tokio::test]
async fn the_runtime_sees_all_documented_headers() {
    let bed = Bed::new(|_| ());
    let request = InvokeRequest {
        client_context: Some("{\"custom\":\n{\"a\":1}}".to_owned()),
        trace_header: Some(
            "Root=1-6352a70e-1e2c502e358361800241fd45;Parent=35465b3a9e2f7c6a;Sampled=1".to_owned(),
        ),
        tenant_id: Some("blue".to_owned()),
        ..InvokeRequest::new(r#"{"do":"echo","n":1}"#)
    };
    let output = bed.function.invoke(request).await.unwrap();
    assert_eq!(output.function_error, None);
    assert_eq!(output.content_type.as_deref(), Some("application/json"));
    let answer: Value = serde_json::from_slice(&output.payload).unwrap();
    assert_eq!(answer["event"], json!({"do": "echo", "n": 1}));
    let headers = &answer["headers"];
    assert_eq!(
        headers["lambda-runtime-aws-request-id"],
        output.request_id.to_string()
    );
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let fixed = [
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-client-context", "{\"custom\": {\"a\":1}}"),
        ("lambda-runtime-aws-tenant-id", "blue"),
        (
            "lambda-runtime-trace-id",
            "Root=1-6352a70e-1e2c502e358361800241fd45;Parent=35465b3a9e2f7c6a;Sampled=1",
        ),
        ("content-type", "application/json"),
    ];
    for (name, value) in fixed {
        assert_eq!(headers[name], value, "{name}");
    }
    assert_eq!(
        headers["lambda-runtime-invocation-id"]
            .as_str()
            .unwrap()
            .len(),
        36
    );
    assert!(
        headers["lambda-runtime-deadline-ms"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 1_600_000_000_000
    );
}

#[tokio::test]
async fn a_trace_header_is_supplied_unsampled() {
    let bed = Bed::new(|_| ());
    let answer = bed.ask(json!({"do": "echo"})).await;
    let header = answer["headers"]["lambda-runtime-trace-id"]
        .as_str()
        .unwrap();
    let lengths: Vec<usize> = header.split([';', '-', '=']).map(str::len).collect();
    assert_eq!(lengths, [4, 1, 8, 24, 6, 16, 7, 1], "{header}");
    assert!(
        header.starts_with("Root=1-") && header.ends_with(";Sampled=0"),
        "{header}"
    );
}

#[tokio::test]
async fn an_error_of_the_function_is_an_answer() {
    let bed = Bed::new(|_| ());
    let cases = [
        ("Function.ValueError", "Function.ValueError"),
        ("ValueError", "Runtime.Unknown"),
    ];
    for (reported, shown) in cases {
        let output = bed.invoke(json!({"do": "error", "type": reported})).await;
        let error = output.function_error.unwrap();
        assert_eq!(
            (error.kind, error.error_type.as_str()),
            (FaultKind::Error, shown)
        );
        let body: Value = serde_json::from_slice(&output.payload).unwrap();
        assert_eq!(body["errorType"], "ValueError");
    }
    assert_eq!(
        bed.function.environments().len(),
        1,
        "an error is no reason for a new environment"
    );
}

#[tokio::test]
async fn a_stream_is_collected_and_its_trailers_are_read() {
    let bed = Bed::new(|_| ());
    let output = bed
        .invoke(json!({"do": "stream", "chunks": ["one ", "two"]}))
        .await;
    assert_eq!(
        (output.payload.as_ref(), output.function_error),
        (b"one two".as_slice(), None)
    );
    assert_eq!(output.content_type.as_deref(), Some("text/plain"));

    let trailers = json!({"Lambda-Runtime-Function-Error-Type": "Function.Midway",
                          "Lambda-Runtime-Function-Error-Body": "eyJlcnJvck1lc3NhZ2UiOiJtaWR3YXkifQ=="});
    let output = bed
        .invoke(json!({"do": "stream", "chunks": ["one"], "trailers": trailers}))
        .await;
    assert_eq!(output.payload, r#"{"errorMessage":"midway"}"#);
    assert_eq!(output.function_error.unwrap().error_type, "Function.Midway");
    bed.end().await;
    assert_eq!(bed.logged("function stream status"), ["202", "202"]);
}

#[tokio::test]
async fn what_lambda_refuses_is_refused_with_its_words() {
    let bed = Bed::new(|_| ());
    let output = bed.invoke(json!({"do": "refusals"})).await;
    assert_eq!(output.payload, "\"answer\"");
    bed.end().await;
    expect![[r#"
        403 {"errorMessage":"State transition from Running to InitError failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}
        400 {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}
        410 {"errorMessage":"Invoke timeout","errorType":"InvokeTimeout"}
        404 404 page not found
        200 the same event
        202 {"status":"OK"}
        400 {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}
    "#]]
    .assert_eq(&(bed.logged("function ").into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n") + "\n"));
}

#[tokio::test]
async fn sizes_have_limits() {
    let bed = Bed::new(|_| ());
    let largest = 6 * 1024 * 1024 + 100;
    let output = bed
        .invoke(json!({"do": "too large", "bytes": largest}))
        .await;
    assert_eq!(
        (output.payload.len(), output.function_error),
        (largest, None)
    );
    let output = bed
        .invoke(json!({"do": "too large", "bytes": largest + 1}))
        .await;
    assert_eq!(
        output.function_error.unwrap().error_type,
        "Function.ResponseSizeTooLarge"
    );
    let output = bed.invoke(json!({"do": "bad mode"})).await;
    assert_eq!(
        output.function_error.unwrap().error_type,
        "Runtime.InvalidResponseModeHeader"
    );
    bed.end().await;
    assert_eq!(bed.logged("function too large"), ["202", "413"]);
    assert_eq!(bed.logged("function bad mode"), ["400"]);

    let huge = InvokeRequest::new(vec![b' '; MAX_PAYLOAD_BYTES + 1]);
    let refused = bed.function.invoke(huge).await.unwrap_err();
    assert!(
        matches!(refused, InvokeError::PayloadTooLarge { bytes } if bytes == MAX_PAYLOAD_BYTES + 1),
        "{refused}"
    );
}

#[tokio::test]
async fn the_log_tail_holds_what_was_printed_before_the_answer() {
    let bed = Bed::new(|_| ());
    bed.ask(json!({"do": "print", "line": "first"})).await;
    for round in 0..10 {
        let output = bed
            .invoke(json!({"do": "print", "line": format!("round {round}")}))
            .await;
        let (id, tail) = (output.request_id, output.log_tail);
        let expected = format!(
            "START RequestId: {id} Version: $LATEST\nround {round}\nEND RequestId: {id}\nREPORT RequestId: {id}\t"
        );
        assert!(tail.starts_with(&expected), "{tail}");
    }
    assert_eq!(bed.logged("function round").len(), 10);
}
