//! Registration, events, and Lambdas that misbehave: the layer never ends before SHUTDOWN.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::lambda::Lambda;
use super::layer::{Addresses, Layer};
use super::receiver::Receiver;
use super::spans::request;

const LONG: Duration = Duration::from_secs(900);

#[tokio::test]
async fn listeners_are_there_before_it_registers() {
    let mut lambda = Lambda::start().await;
    let addresses = Addresses::new();
    lambda.try_listener(addresses.otlp);
    let layer = Layer::spawn(&lambda, addresses, &[]);
    lambda.next_called().await;
    let registrations = lambda.registrations();
    assert_eq!(registrations.len(), 1);
    assert_eq!(registrations[0].name, "baton-layer");
    assert_eq!(registrations[0].events, json!(["INVOKE", "SHUTDOWN"]));
    assert!(registrations[0].is_listening);
    let port = layer.addresses.telemetry.port();
    assert_eq!(
        lambda.subscriptions(),
        [json!({
            "schemaVersion": "2025-01-29",
            "types": ["platform"],
            "buffering": {"maxItems": 1000, "maxBytes": 262_144, "timeoutMs": 25},
            "destination": {"protocol": "HTTP", "URI": format!("http://sandbox.localdomain:{port}")},
        })]
    );
}

#[tokio::test]
async fn an_older_telemetry_schema_is_tried() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    lambda.answer_telemetry(&[400, 400]);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    assert_eq!(lambda.subscriptions()[2]["schemaVersion"], "2022-07-01");
    layer.invocation(&mut lambda, "r1", vec![request(1)]).await;
    assert_eq!(receiver.stored_spans(), 1);
}

#[tokio::test]
async fn a_refused_subscription_is_one_line() {
    let mut lambda = Lambda::start().await;
    lambda.answer_telemetry(&[403]);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", "http://127.0.0.1:9")]).await;
    lambda.invoke("r1", LONG).await;
    lambda.next_called().await;
    let ended = layer.shut_down(&lambda).await;
    let messages = ended.messages();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(
        messages[0].contains("answered 403 Forbidden"),
        "{messages:?}"
    );
}

#[tokio::test]
async fn events_that_are_none_are_passed_over() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let mut layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    for (status, body) in [
        (StatusCode::INTERNAL_SERVER_ERROR, ""),
        (StatusCode::OK, "no JSON"),
        (
            StatusCode::FORBIDDEN,
            r#"{"errorType":"Extension.InvalidExtensionState"}"#,
        ),
        (StatusCode::OK, r#"{"eventType":"PAUSE"}"#),
    ] {
        lambda.answer_next(status, body).await;
        lambda.next_called().await;
    }
    assert!(layer.is_running());
    layer.invocation(&mut lambda, "r1", vec![request(1)]).await;
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(ended.spans(), [1, 1, 0, 0]);
    let messages = ended.messages();
    assert_eq!(
        messages.len(),
        2,
        "one for the row of failures, one for the event: {messages:?}"
    );
    assert!(messages[1].contains("event type `PAUSE`"), "{messages:?}");
}

#[tokio::test]
async fn registration_is_repeated_while_lambda_is_not_ready() {
    let mut lambda = Lambda::start().await;
    lambda.answer_register(&[500, 503, 200]);
    let layer = Layer::start(&mut lambda, &[]).await;
    assert_eq!(
        lambda.registrations().len(),
        4,
        "an answer without an identifier is none"
    );
    assert_eq!(layer.shut_down(&lambda).await.code, Some(0));
}

#[tokio::test]
async fn a_refused_registration_leaves_the_layer_idle() {
    let lambda = Lambda::start().await;
    lambda.answer_register(&[403; 9]);
    let mut layer = Layer::spawn(&lambda, Addresses::new(), &[]);
    layer.logged("the layer stays idle").await;
    assert!(layer.is_running());
    assert_eq!(lambda.registrations().len(), 1);
}

#[tokio::test]
async fn the_ingest_function_is_left_alone() {
    let mut lambda = Lambda::start().await;
    let variables = [
        ("BATON_STORE", "duckdb:x"),
        ("BATON_EXPORT", "http://127.0.0.1:9"),
    ];
    let layer = Layer::start(&mut lambda, &variables).await;
    for address in [layer.addresses.otlp, layer.addresses.telemetry] {
        let refused = tokio::net::TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
    assert_eq!(lambda.registrations()[0].events, json!(["SHUTDOWN"]));
    assert_eq!(lambda.subscriptions(), [json!(null); 0]);
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.messages().len(), 1);
    assert!(ended.counts.is_none());
}

#[tokio::test]
async fn taken_ports_do_not_stop_it() {
    let mut lambda = Lambda::start().await;
    let addresses = Addresses::new();
    let _otlp = std::net::TcpListener::bind(addresses.otlp).unwrap();
    let _telemetry = std::net::TcpListener::bind(addresses.telemetry).unwrap();
    let layer = Layer::spawn(
        &lambda,
        addresses,
        &[("BATON_EXPORT", "http://127.0.0.1:9")],
    );
    lambda.next_called().await;
    lambda.invoke("r1", LONG).await;
    lambda.next_called().await;
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(ended.code, Some(0));
    let messages = ended.messages();
    assert_eq!(messages.len(), 2, "{messages:?}");
    for (message, variable) in messages.iter().zip(["BATON_OTLP_HTTP", "BATON_TELEMETRY"]) {
        assert!(
            message.starts_with(&format!("`{variable}` is `127.")),
            "{message}"
        );
        assert!(message.contains("in use"), "{message}");
    }
}

#[tokio::test]
async fn without_a_usable_target_spans_are_counted_and_dropped() {
    for (value, line) in [
        ("", "`BATON_EXPORT` is not set: "),
        (
            "htp:/x",
            "`BATON_EXPORT` is `htp:/x`: expected `http://HOST[:PORT]`",
        ),
        ("sqs://h/1/q", "`sqs` targets come with a later version"),
        ("grpc://h:4317", "`grpc` targets come with a later version"),
    ] {
        let mut lambda = Lambda::start().await;
        let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", value)]).await;
        layer.invocation(&mut lambda, "r1", vec![request(3)]).await;
        let ended = layer.shut_down(&lambda).await;
        assert_eq!(ended.code, Some(0));
        assert_eq!(ended.spans(), [3, 0, 3, 0]);
        let messages = ended.messages();
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].contains(line), "{messages:?}");
    }
}

#[tokio::test]
async fn it_waits_for_the_end_of_the_invocation() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    lambda.invoke("r1", LONG).await;
    assert_eq!(layer.post(request(1)).await, 200);
    // Another invocation's end is not this one's.
    lambda
        .runtime_done(layer.addresses.telemetry, "other")
        .await;
    assert_eq!(layer.post(request(1)).await, 200);
    lambda.runtime_done(layer.addresses.telemetry, "r1").await;
    lambda.next_called().await;
    assert_eq!(
        receiver.received().len(),
        1,
        "nothing was sent before the end"
    );
    assert_eq!(receiver.stored_spans(), 2);
    assert!(!lambda.is_next_called());
}
