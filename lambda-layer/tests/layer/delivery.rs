//! Spans of a function arrive, once, as they were.

use super::lambda::Lambda;
use super::layer::Layer;
use super::receiver::{Answer, Receiver};
use super::spans::{count, request};
use super::wire::Wire;

#[tokio::test]
async fn spans_arrive_after_the_invocation() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let url = format!("{}/otlp/", receiver.url());
    let mut layer = Layer::start(
        &mut lambda,
        &[
            ("BATON_EXPORT", &url),
            ("BATON_EXPORT_HEADERS", "api-key=a%20b"),
        ],
    )
    .await;
    let body = request(3);
    layer
        .invocation(&mut lambda, "r1", vec![body.clone()])
        .await;

    let received = receiver.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].path, "/otlp/v1/traces");
    assert_eq!(received[0].plain, body);
    for (name, value) in [
        ("content-type", "application/x-protobuf"),
        ("content-encoding", "gzip"),
        ("api-key", "a b"),
    ] {
        assert_eq!(received[0].headers[name], value, "{name}");
    }
    let counts = layer.counts().await.to_string();
    assert_eq!(
        counts,
        r#"{"baton":"layer","dropped":0,"made":0,"pending":0,"received":3,"sent":3}"#
    );
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.spans(), [3, 3, 0, 0]);
    assert_eq!(ended.messages(), [""; 0]);
}

#[tokio::test]
async fn requests_of_one_invocation_go_as_one() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let variables = [
        ("BATON_EXPORT", receiver.url()),
        ("BATON_EXPORT_COMPRESSION", "none".to_owned()),
    ];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let layer = Layer::start(&mut lambda, &variables).await;
    let bodies: Vec<_> = (1..=3).map(request).collect();
    layer.invocation(&mut lambda, "r1", bodies.clone()).await;

    let received = receiver.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].headers.get("content-encoding").is_none());
    assert_eq!(received[0].plain, bodies.concat());
    assert_eq!(count(&received[0].plain), 6);
    assert_eq!(layer.shut_down(&lambda).await.spans(), [6, 6, 0, 0]);
}

#[tokio::test]
async fn spans_that_come_after_the_invocation_go_at_shutdown() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    layer.invocation(&mut lambda, "r1", vec![request(1)]).await;
    assert_eq!(layer.post(request(4)).await, 200);
    assert_eq!(layer.shut_down(&lambda).await.spans(), [5, 5, 0, 0]);
    assert_eq!(receiver.stored_spans(), 5);
}

#[tokio::test]
async fn an_invocation_whose_end_is_never_reported() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    lambda
        .invoke("r1", std::time::Duration::from_millis(1500))
        .await;
    assert_eq!(layer.post(request(1)).await, 200);
    lambda.next_called().await;
    assert_eq!(receiver.stored_spans(), 1);
    assert_eq!(layer.shut_down(&lambda).await.spans(), [1, 1, 0, 0]);
}

/// An end that is not reported costs an invocation all its time: that happens once, not every time.
#[tokio::test]
async fn ends_that_are_never_reported_cost_one_invocation() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    lambda
        .invoke("r1", std::time::Duration::from_millis(1500))
        .await;
    lambda.next_called().await;
    let long = std::time::Duration::from_secs(900);
    for (id, stored) in [("r2", 1), ("r3", 2)] {
        assert_eq!(layer.post(request(1)).await, 200);
        lambda.invoke(id, long).await;
        lambda.next_called().await;
        assert_eq!(receiver.stored_spans(), stored);
    }

    // One report, late as it is: the next end is waited for again.
    lambda.runtime_done(layer.addresses.telemetry, "r3").await;
    lambda.invoke("r4", long).await;
    assert_eq!(layer.post(request(1)).await, 200);
    lambda
        .runtime_done(layer.addresses.telemetry, "other")
        .await;
    assert_eq!(layer.post(request(1)).await, 200);
    lambda.runtime_done(layer.addresses.telemetry, "r4").await;
    lambda.next_called().await;
    assert_eq!(receiver.stored_spans(), 4);
    assert_eq!(
        receiver.received().len(),
        3,
        "one after each invocation with spans"
    );
}

#[tokio::test]
async fn an_invocation_whose_end_is_reported_before_its_beginning() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    lambda.runtime_done(layer.addresses.telemetry, "r1").await;
    assert_eq!(layer.post(request(1)).await, 200);
    lambda
        .invoke("r1", std::time::Duration::from_secs(900))
        .await;
    lambda.next_called().await;
    assert_eq!(receiver.stored_spans(), 1);
}

#[tokio::test]
async fn without_telemetry_spans_go_with_the_next_event() {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    lambda.answer_telemetry(&[202]);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    let long = std::time::Duration::from_secs(900);
    lambda.invoke("r1", long).await;
    lambda.next_called().await;
    assert_eq!(layer.post(request(2)).await, 200);
    assert_eq!(receiver.received().len(), 0);
    lambda.invoke("r2", long).await;
    lambda.next_called().await;
    assert_eq!(receiver.stored_spans(), 2);
    assert_eq!(layer.post(request(3)).await, 200);
    assert_eq!(layer.shut_down(&lambda).await.spans(), [5, 5, 0, 0]);
    assert_eq!(receiver.stored_spans(), 5);
}

/// The receiver closes idle connections while the environment is frozen: the layer finds out when it writes, and a new
/// connection delivers at once.
#[tokio::test]
async fn connections_that_died_in_a_freeze_cost_nothing() {
    use nix::sys::signal::{Signal, kill};
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
    let wire = Wire::to(receiver.address).await;
    let url = format!("http://{}", wire.address);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &url)]).await;
    let pid = nix::unistd::Pid::from_raw(layer.pid());
    for round in 1..=5 {
        let id = format!("r{round}");
        layer.invocation(&mut lambda, &id, vec![request(1)]).await;
        kill(pid, Signal::SIGSTOP).unwrap();
        wire.cut();
        kill(pid, Signal::SIGCONT).unwrap();
    }
    assert_eq!(wire.connections(), 5);
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(ended.spans(), [5, 5, 0, 0]);
    assert_eq!(ended.messages(), [""; 0]);
    assert_eq!(receiver.acknowledged_spans(), 5);
}

#[tokio::test]
async fn rejected_spans_are_dropped_and_counted() {
    let mut lambda = Lambda::start().await;
    let receiver = Receiver::start(&[Answer::Partial(2)]).await;
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    layer.invocation(&mut lambda, "r1", vec![request(5)]).await;
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(receiver.received().len(), 1, "never sent again");
    assert_eq!(ended.spans(), [5, 3, 2, 0]);
    assert_eq!(ended.messages(), ["the receiver rejected spans: too old"]);
}
