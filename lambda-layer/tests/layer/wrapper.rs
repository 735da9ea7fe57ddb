//! The exec wrapper: it leads a runtime to the proxy, and only if the proxy answers.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::lambda::Lambda;
use super::layer::Layer;

/// A folder like `/opt`.
struct Opt(tempfile::TempDir);

impl Opt {
    fn new(has_layer: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("wrapper/baton");
        fs::copy(wrapper, folder.path().join("baton")).unwrap();
        if has_layer {
            fs::create_dir(folder.path().join("extensions")).unwrap();
            let layer = folder.path().join("extensions/baton-layer");
            symlink(env!("CARGO_BIN_EXE_baton-layer"), layer).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn script(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What a runtime that the wrapper starts finds in its environment.
    async fn run(&self, variables: &[(&str, &str)], program: &str) -> HashMap<String, String> {
        self.run_command(variables, &[program, "a b", "*"]).await
    }

    async fn run_command(
        &self,
        variables: &[(&str, &str)],
        command: &[&str],
    ) -> HashMap<String, String> {
        let output = Command::new(self.path("baton"))
            .args(command)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(variables.iter().copied())
            .stderr(Stdio::inherit())
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

/// A runtime that tells its environment and its arguments.
fn runtime(opt: &Opt, name: &str) -> String {
    opt.script(
        name,
        "#!/bin/sh\nprintf 'ARGUMENTS=%s|' \"$@\"\necho\nenv\n",
    )
}

const API: (&str, &str) = ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001");

#[tokio::test]
async fn without_a_layer_the_function_runs_as_it_does_without() {
    for has_layer in [false, true] {
        let opt = Opt::new(has_layer);
        let node = runtime(&opt, "node");
        // Nobody listens there.
        let seen = opt.run(&[API, ("BATON_PROXY", "127.0.0.1:9")], &node).await;
        assert_eq!(seen["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9001");
        assert!(!seen.contains_key("OTEL_PROPAGATORS"));
        assert_eq!(seen["ARGUMENTS"], "a b|ARGUMENTS=*|");
    }
}

#[tokio::test]
async fn somebody_else_at_the_address_is_no_proxy() {
    let server = axum::Router::new().fallback(async || "hello");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, server).await });
    let opt = Opt::new(true);
    let seen = opt
        .run(&[API, ("BATON_PROXY", &address)], &runtime(&opt, "node"))
        .await;
    assert_eq!(seen["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9001");
}

#[tokio::test]
async fn a_proxy_that_answers_is_what_the_runtime_gets() {
    let mut lambda = Lambda::start().await;
    let layer = Layer::start(&mut lambda, &[]).await;
    let proxy = layer.addresses.proxy.to_string();
    let opt = Opt::new(true);
    let (node, other) = (runtime(&opt, "node"), runtime(&opt, "bootstrap"));
    let variables = [API, ("BATON_PROXY", proxy.as_str())];

    let seen = opt.run(&variables, &node).await;
    assert_eq!(seen["AWS_LAMBDA_RUNTIME_API"], proxy);
    assert_eq!(seen["OTEL_PROPAGATORS"], "tracecontext,baggage,xray-lambda");

    let own = [&variables[..], &[("OTEL_PROPAGATORS", "b3")]].concat();
    assert_eq!(opt.run(&own, &node).await["OTEL_PROPAGATORS"], "b3");
    assert!(
        !opt.run(&variables, &other)
            .await
            .contains_key("OTEL_PROPAGATORS")
    );
}

#[tokio::test]
async fn an_image_that_starts_the_runtime_client_of_node() {
    let mut lambda = Lambda::start().await;
    let layer = Layer::start(&mut lambda, &[]).await;
    let proxy = layer.addresses.proxy.to_string();
    let opt = Opt::new(true);
    let client = runtime(&opt, "aws-lambda-ric");
    let (npx, other) = (runtime(&opt, "npx"), runtime(&opt, "aws-lambda-rie"));
    let variables = [API, ("BATON_PROXY", proxy.as_str())];
    for (command, is_node) in [
        (&[client.as_str(), "app.handler"][..], true),
        (&[&npx, "aws-lambda-ric", "app.handler"], true),
        (&[&npx, "--yes", "aws-lambda-ric@4", "app.handler"], true),
        (&[&npx, "tsx", "app.ts"], false),
        (&[&npx], false),
        (&[&other, "aws-lambda-ric", "app.handler"], false),
    ] {
        let seen = opt.run_command(&variables, command).await;
        let propagators = seen.get("OTEL_PROPAGATORS").map(String::as_str);
        let expected = is_node.then_some("tracecontext,baggage,xray-lambda");
        assert_eq!(propagators, expected, "{command:?}");
        assert_eq!(seen["AWS_LAMBDA_RUNTIME_API"], proxy);
    }
}

#[tokio::test]
async fn python_gets_only_names_that_it_knows() {
    let mut lambda = Lambda::start().await;
    let layer = Layer::start(&mut lambda, &[]).await;
    let proxy = layer.addresses.proxy.to_string();
    let opt = Opt::new(true);
    let python = runtime(&opt, "python3.13");
    let packages = opt.path("packages");
    let task_root = packages.to_str().unwrap();
    let variables = [
        API,
        ("BATON_PROXY", proxy.as_str()),
        ("LAMBDA_TASK_ROOT", task_root),
    ];
    let package = packages.join("opentelemetry_propagator_aws_xray-1.0.2.dist-info");
    fs::create_dir_all(&package).unwrap();
    assert!(
        !opt.run(&variables, &python)
            .await
            .contains_key("OTEL_PROPAGATORS")
    );
    fs::write(
        package.join("entry_points.txt"),
        "[opentelemetry_propagator]\nxray-lambda = x:Y\n",
    )
    .unwrap();
    let seen = opt.run(&variables, &python).await;
    assert_eq!(seen["OTEL_PROPAGATORS"], "tracecontext,baggage,xray-lambda");
}

#[tokio::test]
async fn another_wrapper_goes_first() {
    let mut lambda = Lambda::start().await;
    let layer = Layer::start(&mut lambda, &[]).await;
    let proxy = layer.addresses.proxy.to_string();
    let opt = Opt::new(true);
    let node = runtime(&opt, "node");
    let script = "#!/bin/sh\nexport SEEN_BY_OTHER=yes\nexec \"$@\"\n";
    let other = opt.script("other", script);
    let variables = [
        API,
        ("BATON_PROXY", proxy.as_str()),
        ("BATON_EXEC_WRAPPER", other.as_str()),
    ];
    let seen = opt.run(&variables, &node).await;
    assert_eq!(seen["SEEN_BY_OTHER"], "yes");
    assert_eq!(seen["AWS_LAMBDA_RUNTIME_API"], proxy);
    assert_eq!(seen["ARGUMENTS"], "a b|ARGUMENTS=*|");
    assert!(!seen.contains_key("BATON_EXEC_WRAPPER"));

    let missing = [
        API,
        ("BATON_PROXY", proxy.as_str()),
        ("BATON_EXEC_WRAPPER", "/opt/none"),
    ];
    assert_eq!(
        opt.run(&missing, &node).await["AWS_LAMBDA_RUNTIME_API"],
        proxy
    );
}
