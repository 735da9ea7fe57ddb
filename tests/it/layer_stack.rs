//! OpenTelemetry's own instrumentations inside a function, unchanged: their spans and the layer's are one tree.

use local_lambda::{Config, FunctionConfig, InvokeRequest, LocalLambda};

use crate::harness::collector::Collector;
use crate::harness::databases::Server;
use crate::harness::interpreters::{stack, workspace};
use crate::harness::layer::{Language, Layer};
use crate::harness::redis::RedisServer;
use crate::harness::span_tree::{Shown, tree};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's packages and databases: cargo xtask test --all"]
async fn node_with_its_auto_instrumentation() {
    let mut function = Language::Node.function("stack");
    let packages = stack("node-stack").join("node_modules");
    let set = [
        ("NODE_PATH", packages.display().to_string()),
        (
            "NODE_OPTIONS",
            "--require @opentelemetry/auto-instrumentations-node/register".to_owned(),
        ),
        // What looks for a cloud around the function only costs time here.
        ("OTEL_NODE_RESOURCE_DETECTORS", "env".to_owned()),
    ];
    set_all(&mut function, set);
    check(Language::Node, function).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs OpenTelemetry's packages and databases: cargo xtask test --all"]
async fn python_with_its_distro() {
    let mut function = Language::Python.function("stack");
    let environment = stack("python-stack");
    let mut libraries = std::fs::read_dir(environment.join("lib")).unwrap();
    let libraries = libraries.next().unwrap().unwrap().path();
    let program = |name: &str| environment.join("bin").join(name).display().to_string();
    function.command = vec![
        program("opentelemetry-instrument"),
        program("python"),
        "-m".to_owned(),
        "awslambdaric".to_owned(),
        function.handler.clone(),
    ];
    let set = [
        // Where the wrapper looks for what the distro can do.
        (
            "PYTHONPATH",
            libraries.join("site-packages").display().to_string(),
        ),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
    ];
    set_all(&mut function, set);
    check(Language::Python, function).await;
}

/// Runs the shop once behind an HTTP event with a parent.
async fn check(language: Language, mut function: FunctionConfig) {
    let (layer, collector) = (Layer::new(), Collector::start().await);
    let (postgres, redis) = (Server::postgres(), RedisServer::start().await);
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", postgres.port);
    let set = [
        ("POSTGRES", url),
        ("REDIS", format!("redis://127.0.0.1:{}", redis.port)),
        ("OTEL_SERVICE_NAME", "shop".to_owned()),
    ];
    set_all(&mut function, set);
    layer.wrap(language, &mut function, &collector);
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let path = workspace().join("propagators/tests/fixtures/function-url.json");
    let event = std::fs::read_to_string(path).unwrap();
    let function = lambda.function("f").unwrap();
    let output = function
        .invoke(InvokeRequest::new(event.clone()))
        .await
        .unwrap();
    assert_eq!(output.function_error, None, "{}", output.log_tail);
    lambda.shutdown().await;
    // Their attributes are theirs to change.
    let path = format!("layer_stack/{}.txt", language.name());
    expect_test::expect_file![path].assert_eq(&tree(&collector.received(), &event, Shown::Names));
}

fn set_all<const N: usize>(function: &mut FunctionConfig, set: [(&str, String); N]) {
    function
        .env
        .extend(set.map(|(name, value)| (name.to_owned(), value)));
}
