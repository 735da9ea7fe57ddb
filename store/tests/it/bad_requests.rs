//! Requests that are wrong: the status, the form and the sentence of each answer.

use std::io::{Read, Write};

use baton_store::serve::{ServeOptions, Server};
use baton_store::url::StoreUrl;
use expect_test::{Expect, expect};
use prost::Message;
use reqwest::Method;

use crate::support::requests::{PROTOBUF, body, partial_success};
use crate::support::spans_and_ids;

#[derive(Clone, PartialEq, Eq, prost::Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

struct Client {
    url: String,
    http: reqwest::Client,
}

impl Client {
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> reqwest::Response {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    async fn check(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        expected: Expect,
    ) {
        let response = self.send(method, path, headers, body).await;
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let (status, content_type, allow) = (
            response.status(),
            header("content-type").unwrap(),
            header("allow"),
        );
        let body = response.bytes().await.unwrap();
        let text = if content_type == PROTOBUF {
            format!("{:?}", RpcStatus::decode(body).unwrap())
        } else {
            String::from_utf8(body.to_vec()).unwrap()
        };
        let allow = allow
            .map(|allow| format!(", allow {allow}"))
            .unwrap_or_default();
        expected.assert_eq(&format!(
            "{status} {content_type}{allow}\n{}",
            text.trim_end()
        ));
    }
}

fn gzip(chunk: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    (0..times).for_each(|_| encoder.write_all(chunk).unwrap());
    encoder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_gets_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    let any = "127.0.0.1:0".parse().unwrap();
    let server = Server::start(ServeOptions {
        otlp_http: any,
        http: any,
        ..ServeOptions::new(StoreUrl::duckdb(&path))
    })
    .await
    .unwrap();
    let url = format!("http://{}", server.presence().otlp_http);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(async { drop(stopped.await) }));
    let client = Client {
        url,
        http: baton_store::http_client::builder().build().unwrap(),
    };

    let proto = ("content-type", PROTOBUF);
    let packed = ("content-encoding", "gzip");
    let post = || Method::POST;
    let traces = "/v1/traces";
    client.check(post(), traces, &[proto], b"this is no protobuf".to_vec(), expect![[r#"
        400 Bad Request application/x-protobuf
        RpcStatus { code: 3, message: "the body is no OTLP `ExportTraceServiceRequest`: failed to decode Protobuf message: unexpected end group tag" }"#]]).await;
    client.check(post(), traces, &[proto], body(0..3)[..40].to_vec(), expect![[r#"
        400 Bad Request application/x-protobuf
        RpcStatus { code: 3, message: "the body is no OTLP `ExportTraceServiceRequest`: failed to decode Protobuf message: buffer underflow" }"#]]).await;
    client.check(post(), traces, &[proto, packed], body(0..3), expect![[r#"
        400 Bad Request application/x-protobuf
        RpcStatus { code: 3, message: "the body is no gzip stream: invalid gzip header; expected what `content-encoding` says" }"#]]).await;
    client.check(post(), traces, &[proto, packed], gzip(&body(0..3), 1)[..30].to_vec(), expect![[r#"
        400 Bad Request application/x-protobuf
        RpcStatus { code: 3, message: "the body is no gzip stream: incomplete deflate stream; expected what `content-encoding` says" }"#]]).await;
    client.check(post(), traces, &[proto, packed], gzip(&[0; 1024 * 1024], 80), expect![[r#"
        413 Payload Too Large application/x-protobuf
        RpcStatus { code: 8, message: "the body is larger than 67108864 bytes when unpacked: send fewer spans in one request" }"#]]).await;
    client.check(post(), traces, &[proto], vec![0; 65 * 1024 * 1024], expect![[r#"
        413 Payload Too Large application/x-protobuf
        RpcStatus { code: 8, message: "the body is larger than 67108864 bytes: send fewer spans in one request" }"#]]).await;
    client.check(post(), traces, &[proto, ("content-encoding", "br")], body(0..3), expect![[r#"
        415 Unsupported Media Type application/x-protobuf
        RpcStatus { code: 3, message: "content encoding `br` is not taken: expected `gzip`, `zstd` or none; set OTEL_EXPORTER_OTLP_COMPRESSION=gzip" }"#]]).await;
    client.check(post(), traces, &[("content-type", "application/json")], b"{\"resourceSpans\": 7}".to_vec(), expect![[r#"
        400 Bad Request application/json
        {"code":3,"message":"the body is no OTLP request in JSON: invalid type: integer `7`, expected a sequence at line 1 column 19"}"#]]).await;
    client.check(post(), traces, &[("content-type", "text/html")], b"<p>".to_vec(), expect![[r#"
        415 Unsupported Media Type text/plain; charset=utf-8
        content type `text/html` is not taken: expected `application/x-protobuf` or `application/json`; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"#]]).await;
    client.check(post(), traces, &[], body(0..3), expect![[r#"
        415 Unsupported Media Type text/plain; charset=utf-8
        content type `` is not taken: expected `application/x-protobuf` or `application/json`; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"#]]).await;
    client
        .check(
            Method::GET,
            traces,
            &[],
            vec![],
            expect![[r#"
        405 Method Not Allowed text/plain; charset=utf-8, allow POST
        method `GET` is not for `/v1/traces`: expected `POST`"#]],
        )
        .await;
    client.check(post(), "/", &[proto], body(0..3), expect![[r#"
        404 Not Found application/x-protobuf
        RpcStatus { code: 5, message: "`/` is not a path of this receiver: expected `/v1/traces`" }"#]]).await;
    client.check(post(), "/v1/logs", &[proto], b"no logs".to_vec(), expect![[r#"
        400 Bad Request application/x-protobuf
        RpcStatus { code: 3, message: "the body is no OTLP `ExportLogsServiceRequest`: failed to decode Protobuf message: invalid wire type value: 6" }"#]]).await;

    let zstd = ("content-encoding", "zstd");
    client.check(post(), traces, &[proto, zstd], body(0..3), expect![[r#"
        400 Bad Request application/x-protobuf
        RpcStatus { code: 3, message: "the body is no zstd stream: Unknown frame descriptor; expected what `content-encoding` says" }"#]]).await;
    let bomb = ::zstd::encode_all(std::io::repeat(0).take(80 * 1024 * 1024), 1).unwrap();
    client.check(post(), traces, &[proto, zstd], bomb, expect![[r#"
        413 Payload Too Large application/x-protobuf
        RpcStatus { code: 8, message: "the body is larger than 67108864 bytes when unpacked: send fewer spans in one request" }"#]]).await;
    let packed = ::zstd::encode_all(body(0..3).as_slice(), 1).unwrap();
    let response = client.send(post(), traces, &[proto, zstd], packed).await;
    assert_eq!(response.status(), 200);

    let response = client
        .send(
            post(),
            traces,
            &[proto, ("Content-Encoding", "GZIP")],
            gzip(&body(0..3), 1),
        )
        .await;
    assert_eq!(response.status(), 200, "and it still works");
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(
        spans_and_ids(&path),
        (3, 3),
        "nothing of the others was stored"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_are_rejected_in_full() {
    use baton_store::http::{Intake, Request};
    let folder = tempfile::tempdir().unwrap();
    let store = baton_store::schema::Store::open(
        &StoreUrl::duckdb(folder.path().join("s.duckdb")),
        &Default::default(),
    )
    .unwrap();
    let writer = baton_store::writer::Writer::start(store).unwrap();
    let intake = Intake::new(writer.clone());
    let nested = |numbers: &[u8], inner: Vec<u8>| {
        numbers.iter().rev().fold(inner, |inner, number| {
            [
                vec![number << 3 | 2, inner.len().try_into().unwrap()],
                inner,
            ]
            .concat()
        })
    };
    let log_records = nested(&[1, 2], [2 << 3 | 2, 0].repeat(5));
    let data_points = nested(&[1, 2, 2, 7], [1 << 3 | 2, 0].repeat(4));
    for (path, body, rejected) in [
        ("/v1/logs", log_records, 5),
        ("/v1/metrics", data_points, 4),
    ] {
        let response = intake.handle(Request::post(path, PROTOBUF, body)).await;
        assert_eq!(
            (response.status, partial_success(&response.body).0),
            (200, rejected),
            "{path}"
        );
        assert!(partial_success(&response.body).1.contains("stores traces"));
    }
    writer.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_body_cannot_grow_into_a_large_memory() {
    use crate::support::requests::{attribute, request, span, text};
    use baton_store::otlp::{DecodeError, decode};
    // One large resource attribute, repeated by every row.
    let mut wide = request((0..3_000).map(span).collect());
    wide.resource_spans[0]
        .resource
        .as_mut()
        .unwrap()
        .attributes
        .push(attribute("large", text(&"x".repeat(1_000_000))));
    assert!(matches!(
        decode(&wide.encode_to_vec()),
        Err(DecodeError::TooLarge { .. })
    ));
    // Two bytes an event on the wire.
    let mut many = request(vec![span(1)]);
    many.resource_spans[0].scope_spans[0].spans[0].events = vec![Default::default(); 600_000];
    let decoded = decode(&many.encode_to_vec()).unwrap();
    assert_eq!((decoded.spans.len(), decoded.rejected), (0, 1));
    assert!(
        decoded.message.contains("more than 500000"),
        "{}",
        decoded.message
    );
}
