//! `baton serve` as a process: start, what it leaves while it runs, stop.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use expect_test::expect;
use serde_json::Value;

use crate::support::process::{Serve, run, serve_command};
use crate::support::requests::{PROTOBUF, body};
use crate::support::spans_and_ids;

#[tokio::test(flavor = "multi_thread")]
async fn from_start_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    let presence_file = folder.path().join("s.duckdb.serve.json");
    std::fs::write(
        &presence_file,
        r#"{"address": "127.0.0.1:1", "token": "stale", "pid": 1}"#,
    )
    .unwrap();

    let serve = Serve::start(&path, "127.0.0.1:0");
    assert_eq!(
        std::fs::metadata(&presence_file)
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    let presence: Value = serde_json::from_slice(&std::fs::read(&presence_file).unwrap()).unwrap();
    assert_eq!(presence["pid"], serve.pid());
    assert_eq!(
        serve.sql_url,
        format!("http://{}/v1/sql", presence["address"].as_str().unwrap())
    );
    assert_eq!(
        serve.otlp_url,
        format!(
            "http://{}/v1/traces",
            presence["otlp_http"].as_str().unwrap()
        )
    );

    let client = baton_store::http_client::builder().build().unwrap();
    let sent = client
        .post(&serve.otlp_url)
        .header("content-type", PROTOBUF)
        .body(body(0..5))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 200);

    assert_eq!(serve.terminate().code(), Some(0));
    assert!(!presence_file.exists());
    assert!(
        !folder.path().join("s.duckdb.wal").exists(),
        "the log was taken into the file"
    );
    assert_eq!(spans_and_ids(&path), (5, 5));
}

#[test]
fn a_port_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let (code, stderr) = run(serve_command(&folder.path().join("s.duckdb"), &address));
    assert_eq!(code, Some(1));
    expect![[r#"
        error: address `ADDRESS` is in use: expected a free port for `--otlp-http`; stop the other program, or give another, for example `--otlp-http 127.0.0.1:0`
    "#]].assert_eq(&stderr.replace(&address, "ADDRESS"));
    assert!(!folder.path().join("s.duckdb.serve.json").exists());
}

#[test]
fn an_address_that_others_can_reach() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stderr) = run(serve_command(&folder.path().join("s.duckdb"), "0.0.0.0:0"));
    assert_eq!(code, Some(1));
    expect![[r#"
        error: address `0.0.0.0:0` can be reached from other machines: expected a loopback address for `--otlp-http`, or a token of yours with `--token`
    "#]].assert_eq(&stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_loopback_spans_need_the_token() {
    use baton_store::serve::{ServeOptions, Server};
    use baton_store::url::StoreUrl;
    let folder = tempfile::tempdir().unwrap();
    let options = ServeOptions {
        otlp_http: "0.0.0.0:0".parse().unwrap(),
        http: "127.0.0.1:0".parse().unwrap(),
        token: Some("a good one".into()),
        ..ServeOptions::new(StoreUrl::duckdb(folder.path().join("s.duckdb")))
    };
    let server = Server::start(options).await.unwrap();
    let url = format!(
        "http://{}/v1/traces",
        server.presence().otlp_http.replace("0.0.0.0", "127.0.0.1")
    );
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(async { drop(stopped.await) }));
    let client = baton_store::http_client::builder().build().unwrap();
    let post = || {
        client
            .post(&url)
            .header("content-type", PROTOBUF)
            .body(body(0..1))
    };
    assert_eq!(post().send().await.unwrap().status(), 401);
    assert_eq!(
        post().bearer_auth("another").send().await.unwrap().status(),
        401
    );
    assert_eq!(
        post()
            .bearer_auth("a good one")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}
