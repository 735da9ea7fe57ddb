//! What HTTP allows and few runtimes do: it passes too.

use super::*;

const RESPONSE: &str = "/2018-06-01/runtime/invocation/r1/response";

#[tokio::test]
async fn a_client_that_asks_whether_to_go_on_is_told_to() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    let head = format!(
        "POST {RESPONSE} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    );
    runtime.write(head.as_bytes()).await;
    let told = runtime.read_until(b"\r\n\r\n").await;
    assert!(text(&told).starts_with("HTTP/1.1 100"), "{}", text(&told));
    let mut upstream = bed.api.accept().await;
    // What Lambda says of it meanwhile is said already.
    upstream.write(b"HTTP/1.1 100 Continue\r\n\r\n").await;
    runtime.write(b"null").await;
    assert_eq!(body(&upstream.read().await), b"null");
    upstream.write(TAKEN).await;
    let answer = runtime.read().await;
    assert!(
        text(&answer).starts_with("HTTP/1.1 202"),
        "{}",
        text(&answer)
    );
}

/// 413, most likely: Lambda does not wait for the rest of 7 MB.
#[tokio::test]
async fn an_answer_that_is_refused_before_it_has_come_whole() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    let head = format!("POST {RESPONSE} HTTP/1.1\r\nHost: x\r\nContent-Length: 7000000\r\n\r\nabc");
    runtime.write(head.as_bytes()).await;
    let mut upstream = bed.api.accept().await;
    upstream.read_until(b"abc").await;
    let refusal = b"HTTP/1.1 413 Request Entity Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    upstream.write(refusal).await;
    drop(upstream);
    let answer = runtime.read().await;
    assert!(
        text(&answer).starts_with("HTTP/1.1 413"),
        "{}",
        text(&answer)
    );
    assert_eq!(body(&answer), b"{}");
}

/// A Runtime API that is a script, or a proxy before this one, may speak the older version: its body ends with the connection.
#[tokio::test]
async fn an_upstream_that_speaks_an_older_version() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    runtime.write(NEXT).await;
    let mut upstream = bed.api.accept().await;
    upstream.read().await;
    upstream
        .write(b"HTTP/1.0 200 OK\r\nLambda-Runtime-Aws-Request-Id: r1\r\n\r\n{\"a\":1}")
        .await;
    drop(upstream);
    let seen = runtime.read_until(b"{\"a\":1}").await;
    assert!(text(&seen).to_ascii_lowercase().contains("baton-span: "));
    // The connection serves the next call, or is closed: the runtime never waits for what does not come.
    assert!(
        text(&seen).contains("chunked")
            || text(&seen).contains("ength: 7")
            || runtime.is_closed().await,
        "{}",
        text(&seen)
    );
}

#[tokio::test]
async fn a_head_has_no_body() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    runtime
        .write(b"HEAD /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    let mut upstream = bed.api.accept().await;
    assert!(text(&upstream.read().await).starts_with("HEAD /2018-06-01/ping"));
    upstream
        .write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        .await;
    let seen = runtime.read_until(b"\r\n\r\n").await;
    assert_eq!(header(&seen, "Content-Length").as_deref(), Some("4"));
}
