use std::{process::Stdio, sync::Arc, time::Duration};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::Mutex,
    time::timeout,
};

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-01";

type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// The service, and where its callbacks go.
struct Bed {
    service: String,
    receiver: String,
    received: Received,
    /// Ends with the test.
    _child: Child,
}

impl Bed {
    async fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_w3c-service"))
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(Duration::from_secs(30), lines.next_line()).await;
        let line = line.unwrap().unwrap().unwrap();
        let service = line
            .strip_prefix("listening on http://")
            .unwrap()
            .to_owned();

        let received = Received::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = format!("http://{}/callback", listener.local_addr().unwrap());
        let note = async |State(received): State<Received>, headers: HeaderMap, body: Bytes| {
            received.lock().await.push((headers, body));
        };
        let router = Router::new()
            .route("/callback", post(note))
            .with_state(received.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            service,
            receiver,
            received,
            _child: child,
        }
    }

    /// Posts as it stands: no client in between that joins, sorts or refuses headers.
    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: service\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(&self.service).await.unwrap();
        stream
            .write_all(format!("{request}\r\n{body}").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        timeout(Duration::from_secs(30), stream.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        answer
    }

    /// Asks for this many callbacks, and returns the headers of each.
    async fn call_back(&self, count: usize, headers: &[(&str, &str)]) -> Vec<HeaderMap> {
        let one = format!(r#"{{"url": "{}", "arguments": []}}"#, self.receiver);
        let body = format!("[{}]", vec![one; count].join(","));
        let answer = self.post("/", headers, &body).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        self.received
            .lock()
            .await
            .drain(..)
            .map(|(headers, _)| headers)
            .collect()
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str().unwrap());
    assert!(values.next().is_none(), "more than one `{name}`");
    value
}

/// Trace id, span id and flags.
fn parts(headers: &HeaderMap) -> (String, String, String) {
    let parent = header(headers, "traceparent").unwrap();
    let parts: Vec<_> = parent.split('-').collect();
    let [version, trace, span, flags] = parts[..] else {
        panic!("{parent}")
    };
    assert_eq!(
        (version, trace.len(), span.len()),
        ("00", 32, 16),
        "{parent}"
    );
    (trace.to_owned(), span.to_owned(), flags.to_owned())
}

#[tokio::test]
async fn a_trace_is_continued_and_each_call_is_a_span() {
    let bed = Bed::start().await;
    let calls = bed
        .call_back(3, &[("TraceParent", PARENT), ("baggage", "tenant=acme")])
        .await;
    let spans: std::collections::BTreeSet<_> = calls.iter().map(|call| parts(call).1).collect();
    assert_eq!(spans.len(), 3);
    for call in &calls {
        let (trace, span, flags) = parts(call);
        assert_eq!((trace.as_str(), flags.as_str()), (TRACE, "01"));
        assert_ne!(span, "1234567890123456");
        assert_eq!(header(call, "tracestate"), None);
        assert_eq!(header(call, "baggage"), Some("tenant=acme"));
    }
}

#[tokio::test]
async fn several_tracestate_headers_are_one_list() {
    let bed = Bed::start().await;
    let headers = [
        ("traceparent", PARENT),
        ("tracestate", "foo=1,bar=2"),
        ("tracestate", "rojo=1,congo=2"),
        ("tracestate", "baz=3"),
    ];
    let calls = bed.call_back(1, &headers).await;
    assert_eq!(parts(&calls[0]).0, TRACE);
    assert_eq!(
        header(&calls[0], "tracestate"),
        Some("foo=1,bar=2,rojo=1,congo=2,baz=3")
    );
}

#[tokio::test]
async fn two_traceparents_start_a_trace() {
    let bed = Bed::start().await;
    let other = "00-12345678901234567890123456789011-1234567890123456-01";
    for headers in [
        vec![
            ("traceparent", other),
            ("traceparent", PARENT),
            ("tracestate", "foo=1"),
        ],
        vec![("traceparent", "ff-nonsense"), ("tracestate", "foo=1")],
        vec![("tracestate", "foo=1")],
        vec![],
    ] {
        let calls = bed.call_back(1, &headers).await;
        let (trace, _, flags) = parts(&calls[0]);
        assert!(![TRACE, "12345678901234567890123456789011"].contains(&trace.as_str()));
        assert_eq!(flags, "03");
        assert_eq!(header(&calls[0], "tracestate"), None, "{headers:?}");
    }
}

#[tokio::test]
async fn any_path_hands_on_the_arguments_as_they_are() {
    let bed = Bed::start().await;
    let arguments = r#"[{"url":"http://x/","arguments":[1.50]}]"#;
    let body = format!(
        r#"[{{"url": "{}", "arguments": {arguments}}}]"#,
        bed.receiver
    );
    let answer = bed.post("/any/path?id=1", &[], &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(bed.received.lock().await[0].1, arguments);
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let bed = Bed::start().await;
    let answer = bed.post("/", &[], r#"{"url": 1}"#).await;
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("expected an array"),
        "{answer}"
    );
    let answer = bed
        .post(
            "/",
            &[],
            r#"[{"url": "http://127.0.0.1:1/", "arguments": []}]"#,
        )
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 502 ") && answer.contains("`http://127.0.0.1:1/`"),
        "{answer}"
    );
}
