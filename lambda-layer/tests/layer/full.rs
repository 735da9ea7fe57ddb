//! A buffer that is full.

use prost::Message as _;

use super::input::{Case, Status, send};
use super::lambda::Lambda;
use super::layer::Layer;
use super::receiver::{Answer, Receiver};
use super::spans::{request, sized_request};

/// The receiver hangs, the buffer fills: the function is told to keep its spans, and has room again after the flush.
#[tokio::test]
async fn a_full_buffer_is_back_pressure() {
    let mut lambda = Lambda::start().await;
    let receiver = Receiver::start(&[Answer::Hang]).await;
    let variables = [
        ("BATON_EXPORT", &*receiver.url()),
        ("BATON_BUFFER_BYTES", "65536"),
    ];
    let layer = Layer::start(&mut lambda, &variables).await;
    let large = || sized_request(1, 20_000);
    lambda
        .invoke("r1", std::time::Duration::from_millis(2500))
        .await;
    assert_eq!(layer.post(large()).await, 200);
    // More than half: a flush begins in the middle of the invocation.
    assert_eq!(layer.post(large()).await, 200);
    receiver.arrived(1).await;
    let mut accepted = 2;
    let answer = loop {
        let answer = send(
            &layer,
            Case {
                body: large(),
                ..Case::default()
            },
        )
        .await;
        if answer.status() != 200 {
            break answer;
        }
        accepted += 1;
        assert!(accepted < 10, "the buffer is bounded");
    };
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "1");
    let told = Status::decode(answer.bytes().await.unwrap()).unwrap();
    assert_eq!(told.code, 8);
    assert!(
        told.message.contains("BATON_BUFFER_BYTES"),
        "{}",
        told.message
    );

    lambda.runtime_done(layer.addresses.telemetry, "r1").await;
    lambda.next_called().await;
    layer.invocation(&mut lambda, "r2", vec![request(1)]).await;
    assert_eq!(layer.post(large()).await, 200);
    accepted += 2;
    assert_eq!(
        layer.shut_down(&lambda).await.spans(),
        [accepted, accepted, 0, 0]
    );
    assert_eq!(receiver.stored_spans(), accepted);
}
