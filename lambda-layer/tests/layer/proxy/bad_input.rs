//! What breaks the protocol, or the bounds: passed on as it is, function unharmed.

use std::time::Duration;

use super::*;

const RESPONSE: &str = "/2018-06-01/runtime/invocation/r1/response";

/// Resident memory of the layer, in kilobytes.
fn resident_kb(bed: &Bed, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", bed.layer.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B'])
        .parse()
        .unwrap()
}

/// One more invocation goes its whole way.
async fn still_works(bed: &mut Bed) {
    bed.lambda.invoke("r1", Duration::from_secs(60)).await;
    let (mut runtime, mut upstream, _) = bed.next("", r#"{"tidy":true}"#).await;
    runtime.write(post(RESPONSE, "", "{}").as_bytes()).await;
    upstream.read().await;
    upstream.write(TAKEN).await;
    assert_eq!(runtime.read().await, TAKEN);
    bed.lambda
        .runtime_done(bed.layer.addresses.telemetry, "r1")
        .await;
    bed.lambda.next_called().await;
    assert!(
        spans(&bed.receiver)
            .iter()
            .any(|span| span.name == "orders")
    );
}

#[tokio::test]
async fn events_that_are_no_json() {
    let mut bed = Bed::start(&[]).await;
    let nested = format!("{}{}", "[".repeat(3 << 20), "]".repeat(3 << 20));
    let records = r#"{"Records":[{"eventSource":"aws:sqs","body":"#;
    for event in ["", "{", "null", "\u{0}\u{1}", records, &nested] {
        let (_runtime, _upstream, seen) = bed.next("", event).await;
        assert!(body(&seen) == event.as_bytes(), "{} bytes", event.len());
    }
    still_works(&mut bed).await;
}

#[tokio::test]
async fn an_event_beyond_the_bound_passes_unread() {
    let mut bed = Bed::start(&[]).await;
    let event = format!(r#"{{"big":"{}"}}"#, "x".repeat(20 << 20));
    let (runtime, upstream, seen) = bed.next("", &event).await;
    assert!(body(&seen) == event.as_bytes());
    assert!(
        header(&seen, "baton-span").is_some(),
        "it has a span all the same"
    );
    // The next call is to make a connection of its own.
    drop((runtime, upstream));
    still_works(&mut bed).await;
    let ended = bed.layer.shut_down(&bed.lambda).await;
    let messages = ended.messages();
    assert!(
        messages
            .iter()
            .any(|it| it.starts_with("not understood, and passed on")),
        "{messages:?}"
    );
}

#[tokio::test]
async fn an_event_in_chunks() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    runtime.write(NEXT).await;
    let mut upstream = bed.api.accept().await;
    upstream.read().await;
    upstream
        .write(b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n")
        .await;
    let seen = text(&runtime.read().await);
    let joined: String = seen
        .split("\r\n\r\n")
        .nth(1)
        .unwrap()
        .split("\r\n")
        .skip(1)
        .step_by(2)
        .collect();
    assert_eq!(joined, r#"{"a":1}"#);
}

#[tokio::test]
async fn answers_of_next_that_are_no_event() {
    let mut bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    for answer in [
        &b"HTTP/1.1 500 Broken\r\nContent-Length: 2\r\n\r\nno"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 204 Nothing\r\n\r\n",
    ] {
        runtime.write(NEXT).await;
        let mut upstream = bed.api.accept().await;
        upstream.read().await;
        upstream.write(answer).await;
        assert_eq!(runtime.read().await, answer);
        drop(upstream);
        bed = still_there(bed).await;
    }
    still_works(&mut bed).await;
}

/// The connection to Lambda was closed; the proxy makes another one.
async fn still_there(mut bed: Bed) -> Bed {
    assert!(bed.layer.is_running());
    bed
}

#[tokio::test]
async fn a_runtime_that_breaks_the_protocol() {
    let mut bed = Bed::start(&[]).await;
    for request in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"POST /2018-06-01/runtime/invocation/r1/response HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let mut runtime = bed.runtime().await;
        runtime.write(request).await;
        assert!(runtime.is_closed().await);
    }
    // Answers that nobody asked for.
    let mut runtime = bed.runtime().await;
    for path in [
        RESPONSE,
        "/2018-06-01/runtime/invocation//error",
        "/2018-06-01/runtime/init/error",
    ] {
        runtime.write(post(path, "", "{").as_bytes()).await;
        let mut upstream = bed.api.accept().await;
        assert_eq!(body(&upstream.read().await), b"{");
        let refused = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        upstream.write(refused).await;
        assert!(text(&runtime.read().await).starts_with("HTTP/1.1 400 Bad Request"));
    }
    still_works(&mut bed).await;
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_of_a_stream() {
    let mut bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    runtime
        .write(format!("POST {RESPONSE} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n").as_bytes())
        .await;
    let mut upstream = bed.api.accept().await;
    upstream.read_until(b"first").await;
    drop(runtime);
    assert!(
        upstream.is_closed().await,
        "Lambda learns that the answer is not whole"
    );
    still_works(&mut bed).await;
}

#[tokio::test]
async fn a_long_stream_takes_no_memory() {
    const CHUNK: usize = 1 << 20;
    const CHUNKS: usize = 200;
    let bed = Bed::start(&[]).await;
    bed.lambda.invoke("r1", Duration::from_secs(60)).await;
    let (mut runtime, mut upstream, _) = bed.next("", r#"{"tidy":true}"#).await;
    let before = resident_kb(&bed, "VmRSS");
    let sent = tokio::spawn(async move {
        let head = format!(
            "POST {RESPONSE} HTTP/1.1\r\nHost: x\r\nLambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        runtime.write(head.as_bytes()).await;
        let mut chunk = format!("{CHUNK:x}\r\n").into_bytes();
        chunk.resize(chunk.len() + CHUNK, b'x');
        chunk.extend_from_slice(b"\r\n");
        for _ in 0..CHUNKS {
            runtime.write(&chunk).await;
        }
        runtime.write(b"0\r\n\r\n").await;
        runtime
    });
    let received = upstream.drain_until(b"0\r\n\r\n").await;
    assert!(received >= CHUNK * CHUNKS);
    upstream.write(TAKEN).await;
    assert_eq!(sent.await.unwrap().read().await, TAKEN);
    let grown = resident_kb(&bed, "VmHWM").saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} kB more for a stream of 200 MB");
}
