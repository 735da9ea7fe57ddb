//! What functions send, and what they are answered.

use std::io::Write as _;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use reqwest::Method;

use super::lambda::Lambda;
use super::layer::{Layer, client};
use super::receiver::Receiver;
use super::spans::request;

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

const PROTOBUF: &str = "application/x-protobuf";

pub(crate) struct Case<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) encoding: &'a str,
    pub(crate) body: Vec<u8>,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            method: Method::POST,
            path: "/v1/traces",
            content_type: PROTOBUF,
            encoding: "",
            body: request(1),
        }
    }
}

pub(crate) async fn send(layer: &Layer, case: Case<'_>) -> reqwest::Response {
    let url = format!("http://{}{}", layer.addresses.otlp, case.path);
    let mut request = client().request(case.method, url).body(case.body);
    for (name, value) in [
        ("content-type", case.content_type),
        ("content-encoding", case.encoding),
    ] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    request.send().await.unwrap()
}

/// Each body or header is refused with a status and a sentence that holds `reason`; nothing is counted, nothing forwarded.
async fn refused(cases: Vec<(Case<'_>, u16, &str)>) {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    for (case, status, reason) in cases {
        let answer = send(&layer, case).await;
        assert_eq!(answer.status(), status, "{reason}");
        assert_eq!(answer.headers()["content-type"], PROTOBUF);
        let told = Status::decode(answer.bytes().await.unwrap()).unwrap();
        assert!(told.message.contains(reason), "{}", told.message);
        assert_ne!(told.code, 0);
    }
    assert_eq!(layer.shut_down(&lambda).await.spans(), [0, 0, 0, 0]);
    assert_eq!(receiver.received().len(), 0);
}

fn body(body: impl Into<Vec<u8>>) -> Case<'static> {
    Case {
        body: body.into(),
        ..Case::default()
    }
}

fn gzipped(body: impl Into<Vec<u8>>) -> Case<'static> {
    Case {
        encoding: "gzip",
        body: body.into(),
        ..Case::default()
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_taken() {
    let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    let cut = gzip(&request(9));
    let cut = &cut[..cut.len() - 9];
    let logs = Case {
        path: "/v1/logs",
        ..body("garbage")
    };
    refused(vec![
        (body("garbage"), 400, "no OTLP request"),
        (body("{}"), 400, "no OTLP request"),
        (logs, 400, "no OTLP request"),
        (gzipped(request(1)), 400, "not gzip"),
        (gzipped(cut), 400, "not gzip"),
        (gzipped(bomb), 413, "larger than 4194208 bytes"),
        (body(vec![0; 5 << 20]), 413, "larger than 4194208 bytes"),
    ])
    .await;
}

#[tokio::test]
async fn headers_that_cannot_be_taken() {
    let content_type = |content_type| Case {
        content_type,
        ..Case::default()
    };
    let zstd = Case {
        encoding: "zstd",
        ..Case::default()
    };
    let root = Case {
        path: "/",
        ..Case::default()
    };
    let get = Case {
        method: Method::GET,
        ..body("")
    };
    refused(vec![
        (zstd, 415, "content encoding `zstd`: expected `gzip`"),
        (content_type("text/plain"), 415, "content type `text/plain`"),
        (content_type(""), 415, "expected `application/x-protobuf`"),
        (root, 404, "path `/`: expected `/v1/traces`"),
        (get, 405, "method `GET`: expected `POST`"),
    ])
    .await;
}

#[tokio::test]
async fn json_is_refused_in_json() {
    let mut lambda = Lambda::start().await;
    let layer = Layer::start(&mut lambda, &[]).await;
    let content_type = "application/json; charset=utf-8";
    let answer = send(
        &layer,
        Case {
            content_type,
            body: b"{}".to_vec(),
            ..Case::default()
        },
    )
    .await;
    assert_eq!(answer.status(), 415);
    assert_eq!(answer.headers()["content-type"], "application/json");
    let told: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let message = told["message"].as_str().unwrap();
    assert!(
        message.contains("JSON and gRPC come with a later version"),
        "{message}"
    );
}

#[tokio::test]
async fn good_requests_of_every_kind() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    for case in [
        Case::default(),
        Case {
            encoding: "identity",
            ..Case::default()
        },
        Case {
            encoding: "gzip",
            body: gzip(&request(1)),
            ..Case::default()
        },
        Case {
            content_type: "Application/X-Protobuf; v=1",
            ..Case::default()
        },
        Case {
            body: Vec::new(),
            ..Case::default()
        },
    ] {
        let answer = send(&layer, case).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], PROTOBUF);
        assert_eq!(answer.bytes().await.unwrap().len(), 0);
    }
    assert_eq!(layer.shut_down(&lambda).await.spans(), [4, 4, 0, 0]);
    assert_eq!(receiver.acknowledged_spans(), 4);
}

#[tokio::test]
async fn logs_and_metrics_are_rejected_for_good_and_counted() {
    let mut lambda = Lambda::start().await;
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", "http://127.0.0.1:9")]).await;
    // ResourceLogs { ScopeLogs { LogRecord, LogRecord } } and ResourceMetrics { ScopeMetrics { Metric { sum { point } } } }
    let logs = vec![0x0a, 6, 0x12, 4, 0x12, 0, 0x12, 0];
    let metrics = vec![0x0a, 8, 0x12, 6, 0x12, 4, 0x3a, 2, 0x0a, 0];
    for (path, body, items, what) in [
        ("/v1/logs", logs, 2, "logs"),
        ("/v1/metrics", metrics, 1, "metrics"),
    ] {
        let answer = send(
            &layer,
            Case {
                path,
                body,
                ..Case::default()
            },
        )
        .await;
        assert_eq!(answer.status(), 200);
        let answer = ExportTraceServiceResponse::decode(answer.bytes().await.unwrap()).unwrap();
        let partial = answer.partial_success.unwrap();
        assert_eq!(partial.rejected_spans, items);
        assert!(
            partial.error_message.starts_with(what),
            "{}",
            partial.error_message
        );
    }
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(ended.spans(), [0, 0, 0, 0]);
    let last = ended.logs.last().unwrap();
    assert_eq!(
        (last["log_records"].as_u64(), last["data_points"].as_u64()),
        (Some(2), Some(1))
    );
}
