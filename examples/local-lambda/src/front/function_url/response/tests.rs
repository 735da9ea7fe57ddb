use axum::body::to_bytes;
use expect_test::{Expect, expect};
use uuid::Uuid;

use super::*;
use crate::invocation::{FaultKind, FunctionError};

fn output(payload: impl Into<Bytes>, content_type: Option<&str>) -> InvokeOutput {
    InvokeOutput {
        request_id: Uuid::nil(),
        payload: payload.into(),
        content_type: content_type.map(str::to_owned),
        function_error: None,
        log_tail: String::new(),
        executed_version: "$LATEST".to_owned(),
    }
}

async fn shown(output: InvokeOutput) -> String {
    let response = match response(output) {
        Ok(response) => response,
        Err(reason) => return format!("502: {reason}"),
    };
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    format!(
        "{} [{}] {:?}",
        parts.status.as_u16(),
        headers.join(" | "),
        String::from_utf8_lossy(&body)
    )
}

async fn check(payloads: &[&str], expected: Expect) {
    let mut lines = Vec::new();
    for payload in payloads {
        lines.push(shown(output((*payload).to_owned(), Some("application/json"))).await);
    }
    expected.assert_eq(&lines.join("\n"));
}

#[tokio::test]
async fn json_without_a_status_is_the_body() {
    check(
        &[
            r#"{"message": "hi"}"#,
            r#""Hello from Lambda!""#,
            "null",
            "[1]",
            "3",
            r#"{"status":200}"#,
        ],
        expect![[r#"
            200 [content-type: application/json] "{\"message\": \"hi\"}"
            200 [content-type: application/json] "Hello from Lambda!"
            200 [content-type: application/json] "null"
            200 [content-type: application/json] "[1]"
            200 [content-type: application/json] "3"
            200 [content-type: application/json] "{\"status\":200}""#]],
    )
    .await;
}

#[tokio::test]
async fn an_object_with_a_status_is_taken_apart() {
    check(
        &[
            r#"{"statusCode":201,"headers":{"Content-Type":"text/plain","My-Header":"a"},"cookies":["a=1; Secure","b=2"],"body":"made"}"#,
            r#"{"statusCode":"404"}"#,
            r#"{"statusCode":200,"body":"AP8=","isBase64Encoded":true,"headers":{"content-type":"image/png"}}"#,
            r#"{"statusCode":200,"body":null,"headers":null,"cookies":null}"#,
            r#"{"statusCode":200,"headers":{"X-Number":7,"X-Flag":true,"Content-Length":"99","Transfer-Encoding":"chunked"},"body":"x"}"#,
        ],
        expect![[r#"
            201 [content-type: text/plain | my-header: a | set-cookie: a=1; Secure | set-cookie: b=2] "made"
            404 [content-type: application/json] ""
            200 [content-type: image/png] "\0�"
            200 [content-type: application/json] ""
            200 [x-flag: true | x-number: 7 | content-type: application/json] "x""#]],
    )
    .await;
}

#[tokio::test]
async fn an_unusable_answer_is_a_bad_gateway() {
    check(
        &[
            "not json",
            "",
            r#"{"statusCode":99}"#,
            r#"{"statusCode":"ok"}"#,
            r#"{"statusCode":200,"body":{"a":1}}"#,
            r#"{"statusCode":200,"body":"%","isBase64Encoded":true}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"headers":{"a":"b\r\nc: d"}}"#,
            r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
            r#"{"statusCode":200,"headers":[]}"#,
            r#"{"statusCode":200,"cookies":"a=1"}"#,
        ],
        expect![[r#"
            502: the answer is no JSON: expected ident at line 1 column 2
            502: the answer is no JSON: EOF while parsing a value at line 1 column 0
            502: `statusCode` is `99`, expected 200 to 599
            502: `statusCode` is `"ok"`, expected 200 to 599
            502: `body` is `{"a":1}`, expected a string
            502: `body` is no base64: Invalid symbol 37, offset 0.
            502: `a b` is no header name
            502: `b\r\nc: d` cannot be the value of header `a`
            502: header `a` is `["b"]`, expected a string
            502: `headers` is `[]`, expected an object
            502: `cookies` is `"a=1"`, expected a list"#]],
    )
    .await;
}

#[tokio::test]
async fn a_streamed_answer_has_a_prelude() {
    let mut lines = Vec::new();
    for (prelude, body) in [
        (
            r#"{"statusCode":202,"headers":{"Content-Type":"text/html"},"cookies":["a=1"]}"#,
            "<p>",
        ),
        ("{}", "\0\0"),
        ("[]", ""),
    ] {
        let payload = [prelude.as_bytes(), &[0; 8], body.as_bytes()].concat();
        lines.push(shown(output(payload, Some(INTEGRATION_RESPONSE))).await);
    }
    lines.push(shown(output("{}", Some(INTEGRATION_RESPONSE))).await);
    expect![[r#"
        202 [content-type: text/html | set-cookie: a=1] "<p>"
        200 [content-type: application/json] "\0\0"
        502: the prelude is no JSON object: invalid type: sequence, expected a map at line 1 column 0
        502: the streamed answer has no eight NUL bytes after its prelude"#]].assert_eq(&lines.join("\n"));
}

#[tokio::test]
async fn a_function_error_is_a_bad_gateway() {
    let error = FunctionError {
        kind: FaultKind::Error,
        error_type: "ValueError".to_owned(),
    };
    let failed = InvokeOutput {
        function_error: Some(error),
        ..output(r#"{"errorMessage":"no"}"#, None)
    };
    expect!["502: the function failed: `ValueError`"].assert_eq(&shown(failed).await);
}
