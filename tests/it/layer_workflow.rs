//! Three functions, two queues, one trace, and no tracing package in any of the functions.

use std::collections::BTreeSet;

use local_lambda::{Config, FunctionConfig, InvokeRequest, LocalLambda, SqsMapping};

use crate::harness::collector::{Collector, Received};
use crate::harness::deadline::eventually;
use crate::harness::interpreters::{stack, workspace};
use crate::harness::layer::{Language, Layer};
use crate::harness::span_tree::{Shown, tree};
use crate::harness::sqs_front::SqsFront;
use crate::harness::sqs_server::SqsServer;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Node packages: cargo xtask test --all"]
async fn python_sends_node_sends_on_rust_consumes() {
    let (layer, collector) = (Layer::new(), Collector::start().await);
    let server = SqsServer::start().await;
    let front = SqsFront::start(&server).await;
    let orders = front.queue(&server.queue("orders", &[]).await);
    let shipments = front.queue(&server.queue("shipments", &[]).await);

    let packages = stack("node-stack").join("node_modules");
    let mut python = function(Language::Python, "workflow", &layer, &collector);
    python.env.insert("QUEUE".to_owned(), orders.clone());
    let mut node = function(Language::Node, "workflow", &layer, &collector);
    node.env.insert("QUEUE".to_owned(), shipments.clone());
    node.env
        .insert("NODE_PATH".to_owned(), packages.display().to_string());
    node.sqs = vec![SqsMapping::new(orders)];
    let mut rust = function(Language::Rust, "layered", &layer, &collector);
    rust.env.insert("DO".to_owned(), "answer".to_owned());
    rust.sqs = vec![SqsMapping::new(shipments)];

    let mut config = Config::new([python, node, rust]);
    config.sqs_endpoint = Some(front.endpoint());
    let lambda = LocalLambda::start(config).await.unwrap();
    let path = workspace().join("propagators/tests/fixtures/function-url.json");
    let event = std::fs::read_to_string(path).unwrap();
    let sent = lambda.function("python").unwrap();
    let sent = sent
        .invoke(InvokeRequest::new(event.clone()))
        .await
        .unwrap();
    assert_eq!(sent.function_error, None, "{}", sent.log_tail);
    eventually("a span of each function", || async {
        let received = collector.received();
        let services: BTreeSet<&str> = received.iter().map(|it| it.service.as_str()).collect();
        (services.len() == 3).then_some(())
    })
    .await;
    lambda.shutdown().await;

    let received = collector.received();
    expect_test::expect_file!["layer_workflow/three_functions.txt"].assert_eq(&tree(
        &received,
        &event,
        Shown::Names,
    ));
    let traces = received.iter().map(|it| it.span.trace_id.as_slice());
    assert_eq!(traces.collect::<BTreeSet<&[u8]>>().len(), 1);
    assert!(received.iter().all(is_the_layers), "{received:?}");
}

fn is_the_layers(received: &Received) -> bool {
    received.scope == "baton.lambda-layer"
}

/// A function that is named after its language, with the layer.
fn function(
    language: Language,
    module: &str,
    layer: &Layer,
    collector: &Collector,
) -> FunctionConfig {
    let mut function = language.function(module);
    language.name().clone_into(&mut function.name);
    layer.wrap(language, &mut function, collector);
    function
}
