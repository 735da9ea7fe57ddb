use axum::http::Request;
use expect_test::{Expect, expect, expect_file};
use serde_json::Value;
use time::macros::datetime;

use super::*;

fn event(request: axum::http::request::Builder, body: &[u8]) -> Value {
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let arrival = Arrival {
        parts: &parts,
        body,
        from: "127.0.0.1:50000".parse().unwrap(),
        to_port: 8080,
        trace_header: "Root=1-5eb33c07-de25b420912dee103a5db434",
        request_id: Uuid::nil(),
        at: datetime!(2020-03-12 19:03:58.390 UTC),
    };
    let url = UrlIdentity {
        id: "abc".to_owned(),
        domain: "abc.lambda-url.us-west-2.on.aws".to_owned(),
    };
    serde_json::from_slice(&arrival.event(&url).unwrap()).unwrap()
}

#[track_caller]
fn check_body(content_type: Option<&str>, body: &[u8], expected: &Expect) {
    let request = content_type
        .into_iter()
        .fold(Request::post("/"), |request, value| {
            request.header("content-type", value)
        });
    let event = event(request, body);
    expected.assert_eq(&format!("{} {}", event["body"], event["isBase64Encoded"]));
}

#[test]
fn a_whole_event() {
    let request = Request::post(
        "/my%20path/%C3%A4?parameter1=value1&parameter1=value%202&parameter2=a+b&empty",
    )
    .header("Host", "127.0.0.1:8080")
    .header("User-Agent", "agent")
    .header("Content-Type", "application/json; charset=utf-8")
    .header("X-Twice", "value1")
    .header("x-twice", "value2")
    .header("Cookie", "cookie1=a; cookie2=b")
    .header("Cookie", "cookie3=c")
    .header("Connection", "keep-alive")
    .header("X-Forwarded-For", "6.6.6.6");
    expect_file!["whole_event.json"]
        .assert_eq(&serde_json::to_string_pretty(&event(request, b"{\"order\":7}")).unwrap());
}

#[test]
fn a_bare_request_has_no_body_query_or_cookies() {
    let event = event(Request::head("/"), b"");
    for absent in ["body", "cookies", "queryStringParameters"] {
        assert!(event.get(absent).is_none(), "{absent}");
    }
    assert_eq!(event["requestContext"]["http"]["method"], "HEAD");
    assert_eq!(event["rawQueryString"], "");
    assert_eq!(event["isBase64Encoded"], false);
}

#[test]
fn text_stays_text_and_the_rest_is_base64() {
    check_body(Some("application/json"), b"{}", &expect![[r#""{}" false"#]]);
    check_body(
        Some("TEXT/PLAIN; charset=utf-8"),
        "\u{e4}\n".as_bytes(),
        &expect![[r#""ä\n" false"#]],
    );
    check_body(
        Some("application/cloudevents+json"),
        b"{}",
        &expect![[r#""{}" false"#]],
    );
    check_body(Some("text/plain"), &[0xff], &expect![[r#""/w==" true"#]]);
    check_body(
        Some("application/x-www-form-urlencoded"),
        b"a=b",
        &expect![[r#""YT1i" true"#]],
    );
    check_body(
        Some("application/octet-stream"),
        &[0, 255, 128, 10],
        &expect![[r#""AP+ACg==" true"#]],
    );
    check_body(None, b"{}", &expect![[r#""e30=" true"#]]);
}

#[test]
fn a_compressed_text_is_binary() {
    let request = Request::post("/")
        .header("content-type", "text/plain")
        .header("content-encoding", "gzip");
    assert_eq!(event(request, &[0x1f, 0x8b])["isBase64Encoded"], true);
}

#[test]
fn bytes_that_are_no_utf8_do_not_break_the_event() {
    let value = axum::http::HeaderValue::from_bytes(&[b'a', 0xff]).unwrap();
    let event = event(Request::get("/%ff").header("x-latin", value), b"");
    assert_eq!(event["rawPath"], "/%ff");
    assert_eq!(event["requestContext"]["http"]["path"], "/\u{fffd}");
    assert_eq!(event["headers"]["x-latin"], "a\u{fffd}");
}
