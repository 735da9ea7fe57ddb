//! Programs in other languages, instrumented by OpenTelemetry's own packages: `tests/peers/`.

use std::path::Path;
use std::time::Duration;

use local_lambda::FunctionConfig;
use tokio::process::Command;
use tokio::time::timeout;

use super::collector::Collector;
use super::interpreters::{node_client, packages_of_peers, peers, python_of_peers};
use super::sqs_server::SqsServer;

/// Twice what anything else here waits for.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
}

/// Runs `client.py` or `client.cjs` with `arguments` to its end: what it does, it says itself.
pub(crate) async fn run(
    language: Language,
    server: &SqsServer,
    collector: &Collector,
    arguments: &[&str],
) {
    run_program(language, "client", server, collector, arguments).await;
}

/// The same with `page.py` or `page.cjs`, for the code of a page.
pub(crate) async fn run_page(
    language: Language,
    server: &SqsServer,
    collector: &Collector,
    arguments: &[&str],
) {
    run_program(language, "page", server, collector, arguments).await;
}

async fn run_program(
    language: Language,
    program: &str,
    server: &SqsServer,
    collector: &Collector,
    arguments: &[&str],
) {
    let (mut command, extension) = match language {
        Language::Python => (Command::new(python_of_peers()), "py"),
        Language::Node => (Command::new("node"), "cjs"),
    };
    command
        .arg(peers().join(format!("{program}.{extension}")))
        .args(arguments)
        .env("AWS_ENDPOINT_URL", server.endpoint())
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .envs(telemetry(collector))
        .kill_on_drop(true);
    let output = timeout(PATIENCE, command.output())
        .await
        .unwrap_or_else(|_| panic!("{language:?} {arguments:?} did not end"))
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// `function.py` or `node_function.cjs` under OpenTelemetry's instrumentation, and the runtime client that AWS wrote.
pub(crate) fn function(language: Language, collector: &Collector) -> FunctionConfig {
    match language {
        Language::Python => python_function("function.handler", collector),
        Language::Node => {
            let instrument = text(&peers().join("instrument.cjs"));
            let node = ["--require", &instrument];
            node_function("node_function.handler", &node, collector)
        }
    }
}

/// `page_function.py` or `page_function.cjs`, for the code of a page.
pub(crate) fn page_function(language: Language, collector: &Collector) -> FunctionConfig {
    let handler = "page_function.handler";
    match language {
        Language::Python => python_function(handler, collector),
        Language::Node => node_function(handler, &[], collector),
    }
}

fn python_function(handler: &str, collector: &Collector) -> FunctionConfig {
    let python = text(&python_of_peers());
    of_peers(
        &[&python, "-m", "awslambdaric", handler],
        handler,
        collector,
    )
}

fn node_function(handler: &str, options: &[&str], collector: &Collector) -> FunctionConfig {
    let client = text(&node_client());
    let command = [&["node"][..], options, &[&client, handler]].concat();
    of_peers(&command, handler, collector)
}

fn of_peers(command: &[&str], handler: &str, collector: &Collector) -> FunctionConfig {
    let command = command.iter().map(|word| (*word).to_owned());
    let mut function = FunctionConfig::new("ship", command);
    function.handler = handler.to_owned();
    function.task_root = Some(peers());
    function.env.extend(telemetry(collector));
    function
}

fn text(path: &Path) -> String {
    path.to_str().expect("the path is text").to_owned()
}

fn telemetry(collector: &Collector) -> [(String, String); 3] {
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint()),
        ("NODE_PATH", &packages_of_peers().display().to_string()),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
}
