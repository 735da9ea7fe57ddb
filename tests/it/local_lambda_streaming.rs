//! `InvokeWithResponseStream` as AWS's own Python SDK reads it: a streamed answer, a buffered one, an error.

use std::process::Command;

use expect_test::expect;
use local_lambda::{Config, LocalLambda};

use crate::harness::interpreters::{functions, python};
use crate::harness::layer::Language;

#[tokio::test(flavor = "multi_thread")]
async fn boto3_reads_the_frames() {
    let acts = ["stream", "answer", "fail"];
    let config = Config::new(acts.map(|act| {
        let mut function = Language::Rust.function("layered");
        act.clone_into(&mut function.name);
        function.env.insert("DO".to_owned(), act.to_owned());
        function
    }));
    let lambda = LocalLambda::start(config).await.unwrap();
    let mut client = Command::new(python());
    client
        .arg(functions().join("stream_boto3.py"))
        .arg(lambda.invoke_url())
        .args(acts);
    let output = tokio::task::spawn_blocking(move || client.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    lambda.shutdown().await;
    expect![[r#"
        stream: $LATEST application/vnd.amazon.eventstream: 1000095 bytes in several chunks, (None, None), START
        answer: $LATEST application/vnd.amazon.eventstream: 2 bytes in 1 chunks, (None, None), START
        fail: $LATEST application/vnd.amazon.eventstream: 0 bytes in 0 chunks, ('Runtime.Unknown', 'no stock'), START
    "#]].assert_eq(&String::from_utf8_lossy(&output.stdout));
}
