//! Answers that are read while they come.

use local_lambda::{Config, FaultKind, FunctionConfig, InvokeRequest, LocalLambda, StreamPart};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bed::{Bed, python};

fn request(event: &serde_json::Value) -> InvokeRequest {
    InvokeRequest::new(event.to_string())
}

#[tokio::test]
async fn the_first_chunk_is_there_before_the_last_is_written() {
    let bed = Bed::new(|_| ());
    let gate = bed.directory.path().join("gate");
    let event = json!({"do": "stream", "chunks": ["one ", "two"], "gate": gate});
    let mut answer = bed
        .function
        .invoke_streaming(request(&event))
        .await
        .unwrap();
    let mut seen = Vec::new();
    while let Some(part) = answer.next().await {
        match part.unwrap() {
            StreamPart::Started { content_type } => seen.push(content_type.unwrap()),
            StreamPart::Chunk(chunk) => {
                seen.push(String::from_utf8(chunk.to_vec()).unwrap());
                std::fs::write(&gate, "").unwrap();
            }
            StreamPart::Complete(output) => {
                assert_eq!(output.function_error, None);
                assert!(output.payload.is_empty());
            }
        }
    }
    assert_eq!(seen, ["text/plain", "one ", "two"]);
    bed.end().await;
    let events = bed.platform.events.snapshot();
    let done = events
        .iter()
        .find(|event| event.kind == "platform.runtimeDone")
        .unwrap();
    assert_eq!(done.record["metrics"]["producedBytes"], 7);
}

#[tokio::test]
async fn an_error_midway_and_a_buffered_answer() {
    let bed = Bed::new(|_| ());
    let trailers = json!({
        "Lambda-Runtime-Function-Error-Type": "Function.Midway",
        "Lambda-Runtime-Function-Error-Body": "eyJlcnJvck1lc3NhZ2UiOiJubyJ9",
    });
    let cases = [
        (
            json!({"do": "stream", "chunks": ["one"], "trailers": trailers}),
            Some("Function.Midway"),
            r#"{"errorMessage":"no"}"#,
        ),
        (json!({"do": "print", "line": "x"}), None, r#""printed""#),
    ];
    for (event, error, payload) in cases {
        bed.reached(local_lambda::EnvironmentState::Frozen).await;
        let mut answer = bed
            .function
            .invoke_streaming(request(&event))
            .await
            .unwrap();
        let mut last = None;
        while let Some(part) = answer.next().await {
            last = Some(part.unwrap());
        }
        let Some(StreamPart::Complete(output)) = last else {
            panic!("no end");
        };
        assert_eq!(output.payload, payload);
        assert_eq!(
            output.function_error.as_ref().map(|error| error.kind),
            error.map(|_| FaultKind::Error)
        );
        assert_eq!(
            output
                .function_error
                .map(|error| error.error_type)
                .as_deref(),
            error
        );
    }
    bed.end().await;
}

#[tokio::test]
async fn a_caller_that_goes_away_changes_nothing_for_the_function() {
    let bed = Bed::new(|_| ());
    let chunks: Vec<String> = (0..100).map(|_| "x".repeat(10_000)).collect();
    let event = json!({"do": "stream", "chunks": chunks});
    drop(
        bed.function
            .invoke_streaming(request(&event))
            .await
            .unwrap(),
    );
    bed.ask_when_free(json!({})).await;
    bed.end().await;
    assert_eq!(bed.logged("function stream status"), ["202"]);
}

#[tokio::test]
async fn a_url_hands_a_stream_on() {
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let command = [python(), "-c", include_str!("runtime.py")];
    let mut function = FunctionConfig::new("f", command);
    function.function_url = true;
    function.response_stream = true;
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let url = lambda.function_url("f").unwrap();
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let body = json!({"do": "stream", "chunks": ["one ", "two"], "gate": gate}).to_string();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection
        .write_all((head + &body).as_bytes())
        .await
        .unwrap();
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains("one ") {
        assert!(connection.read_buf(&mut read).await.unwrap() > 0);
    }
    std::fs::write(&gate, "").unwrap();
    connection.read_to_end(&mut read).await.unwrap();
    let read = String::from_utf8(read).unwrap();
    assert!(read.starts_with("HTTP/1.1 200 OK"), "{read}");
    assert!(
        read.contains("content-type: text/plain") && read.contains("two"),
        "{read}"
    );
    lambda.shutdown().await;
}
