//! Programs in other languages, instrumented by OpenTelemetry's own packages: `tests/peers/`.

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
    let mut command = match language {
        Language::Python => Command::new(python_of_peers()),
        Language::Node => Command::new("node"),
    };
    command
        .arg(peers().join(match language {
            Language::Python => "client.py",
            Language::Node => "client.cjs",
        }))
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

/// `function.py` or `node_function.cjs`, under the runtime client that AWS wrote.
pub(crate) fn function(language: Language, name: &str, collector: &Collector) -> FunctionConfig {
    let text = |path: std::path::PathBuf| path.to_str().expect("the path is text").to_owned();
    let (handler, command) = match language {
        Language::Python => {
            let module = ["-m", "awslambdaric", "function.handler"].map(str::to_owned);
            let python = text(python_of_peers());
            ("function.handler", [&[python], &module[..]].concat())
        }
        Language::Node => {
            let handler = "node_function.handler";
            let instrument = text(peers().join("instrument.cjs"));
            let words = [
                "node",
                "--require",
                &instrument,
                &text(node_client()),
                handler,
            ];
            (handler, words.map(str::to_owned).to_vec())
        }
    };
    let mut function = FunctionConfig::new(name, command);
    function.handler = handler.to_owned();
    function.task_root = Some(peers());
    function.env.extend(telemetry(collector));
    function
}

fn telemetry(collector: &Collector) -> [(String, String); 3] {
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint()),
        ("NODE_PATH", &packages_of_peers().display().to_string()),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
}
