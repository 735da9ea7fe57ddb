//! A request that is sent again is stored once.

use std::io::Write;

use baton_store::http::{Intake, Request};
use baton_store::schema::{Settings, Store};
use baton_store::url::StoreUrl;
use baton_store::writer::Writer;

use crate::support::requests::{PROTOBUF, body, partial_success, request, span};
use crate::support::spans_and_ids;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_plain_packed_at_once_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spans.duckdb");
    let plain = Request::post("/v1/traces", PROTOBUF, body(0..3));
    let packed = Request {
        content_encoding: "gzip".into(),
        ..Request::post("/v1/traces", PROTOBUF, gzip(&body(0..3)))
    };

    for _ in 0..2 {
        let writer =
            Writer::start(Store::open(&StoreUrl::duckdb(&path), &Settings::default()).unwrap())
                .unwrap();
        let intake = Intake::new(writer.clone());
        let mut at_once = tokio::task::JoinSet::new();
        for i in 0..20 {
            let (intake, request) = (
                intake.clone(),
                if i % 2 == 0 {
                    plain.clone()
                } else {
                    packed.clone()
                },
            );
            at_once.spawn(async move { intake.handle(request).await });
        }
        for response in at_once.join_all().await {
            assert_eq!(
                (response.status, partial_success(&response.body)),
                (200, (0, String::new()))
            );
        }
        writer.close().await;
        assert_eq!(spans_and_ids(&path), (3, 3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_success_says_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spans.duckdb");
    let writer =
        Writer::start(Store::open(&StoreUrl::duckdb(&path), &Settings::default()).unwrap())
            .unwrap();
    let intake = Intake::new(writer.clone());
    let bad = [
        Span {
            trace_id: vec![0; 16],
            ..span(1)
        },
        Span {
            span_id: vec![1; 7],
            ..span(2)
        },
        Span {
            parent_span_id: vec![1; 9],
            ..span(3)
        },
    ];
    let body = request([span(0)].into_iter().chain(bad).collect()).encode_to_vec();
    for _ in 0..2 {
        let response = intake
            .handle(Request::post("/v1/traces", PROTOBUF, body.clone()))
            .await;
        let (rejected, message) = partial_success(&response.body);
        assert_eq!((response.status, rejected), (200, 3));
        assert_eq!(
            message,
            "3 spans rejected, the first because its trace id is all zeros"
        );
    }
    writer.close().await;
    assert_eq!(spans_and_ids(&path), (1, 1));
}

#[tokio::test]
async fn a_closed_writer_asks_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::duckdb(folder.path().join("spans.duckdb"));
    let writer = Writer::start(Store::open(&url, &Settings::default()).unwrap()).unwrap();
    writer.close().await;
    assert!(!writer.is_running());
    let response = Intake::new(writer)
        .handle(Request::post("/v1/traces", PROTOBUF, body(0..1)))
        .await;
    assert_eq!(response.status, 503);
    assert!(response.headers.contains(&("retry-after", "1")));
}
