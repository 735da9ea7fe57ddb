//! What was acknowledged survives `kill -9`, and what is sent again is stored once.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::process::{Serve, address_for_long};
use crate::support::requests::{PROTOBUF, body};
use crate::support::{settle, spans_and_ids};

const CLIENTS: u64 = 8;
/// At most so many are answered between two kills.
const ANSWERS: u64 = 40;
const SPANS: u64 = 25;

/// Sends the same bytes until they are acknowledged.
async fn send_until_acknowledged(url: &str, body: Vec<u8>) {
    let body = bytes::Bytes::from(body);
    loop {
        // A client of its own each time: a pool would keep connections of a dead process.
        let client = baton_store::http_client::builder().build().unwrap();
        let sent = client
            .post(url)
            .header("content-type", PROTOBUF)
            .body(body.clone())
            .send()
            .await;
        match sent {
            Ok(response) if response.status() == 200 => return,
            Ok(response) => assert_eq!(response.status(), 503, "{:?}", response.text().await),
            // It is dead or not yet back.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_exact_after_kills() {
    kills(5, 1).await;
}

/// `cargo test -p baton-store --test it -- --ignored two_hundred_kills`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes some minutes"]
async fn two_hundred_kills() {
    kills(200, 2).await;
}

/// Kills the process so often, each time after some random number of answers: other requests are on their way at that moment.
async fn kills(rounds: u64, last: u8) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("spans.duckdb");
    let address = address_for_long(last);
    let url = format!("http://{address}/v1/traces");
    let mut serve = Serve::start(&store, &address);
    let requests = 1 + rounds * ANSWERS / CLIENTS;

    let (acknowledged, mut acknowledgements) = mpsc::unbounded_channel();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (url, acknowledged) = (url.clone(), acknowledged.clone());
        clients.spawn(async move {
            for request in 0..requests {
                let first = (client * requests + request) * SPANS;
                send_until_acknowledged(&url, body(first..first + SPANS)).await;
                acknowledged.send(()).unwrap();
            }
        });
    }
    drop(acknowledged);

    let mut random = fastrand::Rng::with_seed(rounds);
    let (mut count, mut kills) = (0, 0);
    let mut next = random.u64(1..ANSWERS);
    while acknowledgements.recv().await.is_some() {
        count += 1;
        if count == next && kills < rounds {
            serve.kill();
            serve = Serve::start(&store, &address);
            kills += 1;
            next += random.u64(1..ANSWERS);
        }
    }
    clients.join_all().await;
    assert_eq!((count, kills), (CLIENTS * requests, rounds));
    assert!(serve.terminate().success());

    let expected = i64::try_from(CLIENTS * requests * SPANS).unwrap();
    assert_eq!(spans_and_ids(&store), (expected, expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_right_after_the_kill() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("spans.duckdb");
    for round in 0..5 {
        let serve = Serve::start(&store, "127.0.0.1:0");
        send_until_acknowledged(&serve.otlp_url, body(round * 10..round * 10 + 10)).await;
        serve.kill();
        settle(&store).await;
        let expected = i64::try_from(round * 10 + 10).unwrap();
        assert_eq!(
            spans_and_ids(&store),
            (expected, expected),
            "the log is read even by somebody who only asks"
        );
    }
}
