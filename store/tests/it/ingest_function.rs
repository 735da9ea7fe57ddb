//! The ingest binary under a Runtime API.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::support::process::{Serve, terminate};
use crate::support::requests::{PROTOBUF, body, partial_success};
use crate::support::runtime_api::{RuntimeApi, Said};
use crate::support::spans_and_ids;

struct Ingest(Child);

impl Ingest {
    fn start(api: &RuntimeApi, store: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ingest"));
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("BATON_STORE", store);
        command
            .env("AWS_LAMBDA_FUNCTION_NAME", "ingest")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1");
        command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512").env(
            "_X_AMZN_TRACE_ID",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        );
        Self(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn url_of(path: &Path) -> String {
    format!("duckdb:{}", path.display())
}

fn function_url_event(body: &[u8]) -> Value {
    json!({
        "version": "2.0", "rawPath": "/v1/traces", "isBase64Encoded": true, "body": BASE64_STANDARD.encode(body),
        "headers": {"content-type": PROTOBUF}, "requestContext": {"http": {"method": "POST"}, "stage": "$default"},
    })
}

#[track_caller]
fn assert_stored(said: Said) {
    let Said::Response(answer) = said else {
        panic!("{said:?}")
    };
    assert_eq!(
        (&answer["statusCode"], &answer["isBase64Encoded"]),
        (&json!(200), &json!(true))
    );
    assert_eq!(answer["headers"], json!({"content-type": PROTOBUF}));
    let body = BASE64_STANDARD
        .decode(answer["body"].as_str().unwrap())
        .unwrap();
    assert_eq!(partial_success(&body), (0, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_what_events_hold_and_survives_kills() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    let mut api = RuntimeApi::start().await;
    let mut ingest = Ingest::start(&api, &url_of(&path));
    for round in 0..4 {
        let event = function_url_event(&body(round * 10..round * 10 + 10));
        assert_stored(api.invoke(event.clone()).await);
        // Dead right after the answer; the next one gets the same event again.
        ingest.0.kill().unwrap();
        ingest.0.wait().unwrap();
        api.forget_calls();
        ingest = Ingest::start(&api, &url_of(&path));
        assert_stored(api.invoke(event).await);
    }
    terminate(&ingest.0);
    assert_eq!(ingest.0.wait().unwrap().code(), Some(0));
    assert!(
        !folder.path().join("s.duckdb.wal").exists(),
        "the log was taken into the file"
    );
    assert_eq!(spans_and_ids(&path), (40, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_in_the_form_of_lambda() {
    let folder = tempfile::tempdir().unwrap();
    let mut api = RuntimeApi::start().await;
    let _ingest = Ingest::start(&api, &url_of(&folder.path().join("s.duckdb")));

    let Said::Response(answer) = api.invoke(json!({"httpMethod": "GET", "path": "/v1/traces", "headers": {}, "body": null, "isBase64Encoded": false})).await else { panic!() };
    assert_eq!(
        (&answer["statusCode"], &answer["isBase64Encoded"]),
        (&json!(405), &json!(false))
    );
    assert_eq!(
        answer["headers"],
        json!({"content-type": "text/plain; charset=utf-8", "allow": "POST"})
    );
    assert_eq!(
        answer["body"],
        "method `GET` is not for `/v1/traces`: expected `POST`\n"
    );

    let Said::Error(error) = api
        .invoke(json!({"Records": [{"eventSource": "aws:sqs", "body": "x"}]}))
        .await
    else {
        panic!()
    };
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .starts_with("the event is no HTTP request"),
        "{error}"
    );

    let Said::Response(answer) = api.invoke(function_url_event(b"no otlp")).await else {
        panic!()
    };
    assert_eq!(answer["statusCode"], 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_store_is_an_init_error() {
    let folder = tempfile::tempdir().unwrap();
    let held = folder.path().join("held.duckdb");
    let _serve = Serve::start(&held, "127.0.0.1:0");
    for (store, part) in [
        ("", "BATON_STORE is not set: expected `duckdb:PATH`"),
        (
            "sqlite:x",
            "store `sqlite:x` has no known scheme: expected `duckdb:PATH`",
        ),
        (
            "duckdb:/proc/nowhere/s.duckdb",
            "expected `/proc/nowhere` to exist",
        ),
        (&url_of(&held), "is in use by process "),
    ] {
        let mut api = RuntimeApi::start().await;
        let mut ingest = Ingest::start(&api, store);
        let Said::InitError(error) = api.said().await else {
            panic!()
        };
        assert!(
            error["errorMessage"].as_str().unwrap().contains(part),
            "{error}"
        );
        assert_eq!(ingest.0.wait().unwrap().code(), Some(1));
    }
}
