//! A receiver that is not well. Everything is delivered once or counted, and a retry is the same bytes.

use std::time::Duration;

use tokio::net::TcpListener;

use super::lambda::Lambda;
use super::layer::Layer;
use super::receiver::{Answer, Receiver};
use super::spans::{request, sized_request};

/// One invocation of three spans against `script`; the bodies that came must be one and the same.
async fn retried(script: &[Answer], requests: usize) {
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(script).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    layer.invocation(&mut lambda, "r1", vec![request(3)]).await;
    let received = receiver.received();
    assert_eq!(received.len(), requests, "{script:?}");
    assert!(received.iter().all(|r| r.plain == received[0].plain));
    assert_eq!(layer.shut_down(&lambda).await.spans(), [3, 3, 0, 0]);
    assert_eq!(receiver.acknowledged_spans(), 3);
}

#[tokio::test]
async fn back_pressure_is_retried() {
    retried(
        &[
            Answer::Status(503),
            Answer::Status(502),
            Answer::Status(504),
        ],
        4,
    )
    .await;
}

#[tokio::test]
async fn retry_after_is_retried() {
    retried(&[Answer::Wait(429, 1), Answer::Wait(503, 0)], 3).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_retried() {
    retried(&[Answer::Break, Answer::Break], 3).await;
}

#[tokio::test]
async fn other_statuses_drop_the_request_and_say_so() {
    for status in [302, 400, 401, 404, 500] {
        let mut lambda = Lambda::start().await;
        let receiver = Receiver::start(&[Answer::Status(status)]).await;
        let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
        layer.invocation(&mut lambda, "r1", vec![request(3)]).await;
        layer.invocation(&mut lambda, "r2", vec![request(1)]).await;
        let ended = layer.shut_down(&lambda).await;
        assert_eq!(receiver.received().len(), 2);
        assert_eq!(ended.spans(), [4, 1, 3, 0]);
        let messages = ended.messages();
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(
            messages[0].contains(&format!("status {status}")),
            "{messages:?}"
        );
    }
}

/// A request that may have arrived stays as it is; what comes later is not mixed with it.
#[tokio::test]
async fn a_receiver_that_hangs_costs_a_bounded_time() {
    let (mut lambda, receiver) = (
        Lambda::start().await,
        Receiver::start(&[Answer::Hang]).await,
    );
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    let timeout = Duration::from_millis(1500);
    let invocation = layer.invocation_within(&mut lambda, "r1", vec![request(3)], timeout);
    tokio::time::timeout(timeout, invocation)
        .await
        .expect("the layer is done before the invocation's deadline");
    layer.invocation(&mut lambda, "r2", vec![request(2)]).await;
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    let first = &received[0].plain;
    assert_eq!(received.iter().filter(|r| r.plain == *first).count(), 2);
    assert_eq!(receiver.stored_spans(), 5);
    assert_eq!(layer.shut_down(&lambda).await.spans(), [5, 5, 0, 0]);
}

#[tokio::test]
async fn a_receiver_that_is_down_is_waited_for() {
    let mut lambda = Lambda::start().await;
    // A port that nobody listens on: bound for its number, then closed.
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{address}");
    let mut layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &url)]).await;
    let short = Duration::from_millis(600);
    for id in ["r1", "r2", "r3"] {
        layer
            .invocation_within(&mut lambda, id, vec![request(2)], short)
            .await;
    }
    layer.logged("spans are kept for the next flush: ").await;
    let receiver = Receiver::on(TcpListener::bind(address).await.unwrap(), &[]);
    let ended = layer.shut_down(&lambda).await;
    assert_eq!(ended.spans(), [6, 6, 0, 0]);
    assert_eq!(receiver.acknowledged_spans(), 6);
    assert_eq!(
        ended.messages().len(),
        1,
        "one line for a row of failures: {ended:?}"
    );
}

#[tokio::test]
async fn a_long_retry_after_is_obeyed_until_the_end() {
    let mut lambda = Lambda::start().await;
    let receiver = Receiver::start(&[Answer::Wait(429, 3600)]).await;
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    for id in ["r1", "r2", "r3"] {
        layer.invocation(&mut lambda, id, vec![request(1)]).await;
    }
    assert_eq!(receiver.received().len(), 1, "asked once, then left alone");
    assert_eq!(layer.shut_down(&lambda).await.spans(), [3, 3, 0, 0]);
    assert_eq!(receiver.acknowledged_spans(), 3);
}

#[tokio::test]
async fn shutdown_ends_in_time_and_counts_what_is_lost() {
    let hang = [Answer::Hang; 8];
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&hang).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    assert_eq!(layer.post(request(3)).await, 200);
    let ended = tokio::time::timeout(Duration::from_secs(2), layer.shut_down(&lambda))
        .await
        .expect("the layer ends before Lambda kills it");
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.spans(), [3, 0, 0, 3]);
    let lost = ended.messages();
    assert!(lost.last().unwrap().starts_with("spans lost: "), "{lost:?}");
}

/// Sixty invocations while the receiver does what it likes.
#[tokio::test]
async fn the_counts_are_exact_whatever_happens() {
    let kinds = [
        Answer::Ok,
        Answer::Status(503),
        Answer::Break,
        Answer::Ok,
        Answer::Status(500),
        Answer::Wait(429, 0),
        Answer::Partial(1),
        Answer::Ok,
        Answer::Break,
        Answer::Hang,
        Answer::Ok,
    ];
    let script: Vec<Answer> = kinds.iter().copied().cycle().take(77).collect();
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&script).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    let mut made = 0;
    for round in 0..60 {
        let bodies = vec![request(1 + round % 3), request(1)];
        made += 2 + round % 3;
        let id = format!("r{round}");
        layer
            .invocation_within(&mut lambda, &id, bodies, Duration::from_millis(700))
            .await;
    }
    let ended = layer.shut_down(&lambda).await;
    let [received, sent, dropped, pending] = ended.spans();
    assert_eq!(received, made);
    assert_eq!(sent + dropped, made, "nothing is left: {pending}");
    assert_eq!(
        receiver.stored_spans(),
        made,
        "every request came, and each in one form only"
    );
}

/// A flush of a half-full buffer while no invocation runs: nobody told the layer how long it may take.
async fn flushing_between_invocations(lambda: &mut Lambda, receiver: &Receiver) -> Layer {
    let variables = [
        ("BATON_EXPORT", &*receiver.url()),
        ("BATON_BUFFER_BYTES", "65536"),
    ];
    let layer = Layer::start(lambda, &variables).await;
    for _ in 0..2 {
        assert_eq!(layer.post(sized_request(1, 20_000)).await, 200);
    }
    receiver.arrived(1).await;
    layer
}

#[tokio::test]
async fn a_flush_between_invocations_gives_way_to_shutdown() {
    let hang = [Answer::Hang; 8];
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&hang).await);
    let layer = flushing_between_invocations(&mut lambda, &receiver).await;
    let ended = tokio::time::timeout(Duration::from_secs(2), layer.shut_down(&lambda))
        .await
        .expect("the layer ends before Lambda kills it");
    assert_eq!(ended.spans(), [2, 0, 0, 2]);
}

#[tokio::test]
async fn a_flush_between_invocations_gives_way_to_the_next_one() {
    let (mut lambda, receiver) = (
        Lambda::start().await,
        Receiver::start(&[Answer::Hang]).await,
    );
    let layer = flushing_between_invocations(&mut lambda, &receiver).await;
    let timeout = Duration::from_millis(2500);
    let invocation = layer.invocation_within(&mut lambda, "r1", vec![request(1)], timeout);
    tokio::time::timeout(timeout, invocation)
        .await
        .expect("the layer is done before the invocation's deadline");
    assert_eq!(layer.shut_down(&lambda).await.spans(), [3, 3, 0, 0]);
    assert_eq!(receiver.stored_spans(), 3, "cut off, and sent as it was");
}

/// After a crash SHUTDOWN is on its way, with two seconds in all.
#[tokio::test]
async fn after_a_crash_there_is_time_for_shutdown() {
    let hang = [Answer::Hang; 8];
    let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&hang).await);
    let layer = Layer::start(&mut lambda, &[("BATON_EXPORT", &receiver.url())]).await;
    lambda.invoke("r1", Duration::from_secs(900)).await;
    assert_eq!(layer.post(request(3)).await, 200);
    lambda.shutdown().await;
    lambda
        .runtime_ended(layer.addresses.telemetry, "r1", "error")
        .await;
    let ended = tokio::time::timeout(Duration::from_secs(2), layer.end())
        .await
        .expect("the layer ends before Lambda kills it");
    assert_eq!(ended.spans(), [3, 0, 0, 3]);
}
