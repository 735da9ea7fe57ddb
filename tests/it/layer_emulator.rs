//! The layer under AWS's own Runtime Interface Emulator.
//!
//! The emulator starts what lies in `/opt/extensions` and can be pointed nowhere else, so it runs in a mount namespace of its own in
//! which the layer's folder lies at `/opt`: nothing of the machine is changed. It freezes nothing. Its classic mode has no Telemetry API;
//! its mode for Managed Instances has one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::harness::binaries::binary;
use crate::harness::collector::Collector;
use crate::harness::deadline::eventually;
use crate::harness::http;
use crate::harness::interpreters::{emulator, functions, python, workspace};
use crate::harness::layer::{Layer, program};
use crate::harness::ports;
use crate::harness::span_tree::render;

/// Puts the folder `$1` at `/opt` for what follows alone.
const AT_OPT: &str = r#"mount --bind "$1" /opt && shift && exec "$@""#;

/// The same, and what the mode for Managed Instances looks for: a task root, and the address of the Telemetry API's receivers.
const AT_OPT_MANAGED: &str = r#"mount --bind "$1" /opt && mount --bind /opt/hosts /etc/hosts &&
mount -t tmpfs none /var && mkdir /var/task && shift && exec "$@""#;

/// The emulator and everything it started.
struct Emulator {
    process: Child,
    url: String,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs AWS's emulator: cargo xtask test --all"]
async fn an_http_event_becomes_a_span() {
    let (layer, collector) = (Layer::new(), Collector::start().await);
    let emulator = Emulator::start(&layer, &collector, "http");
    let path = workspace().join("propagators/tests/fixtures/function-url.json");
    let event = std::fs::read_to_string(path).unwrap();
    for _ in 0..2 {
        let answer: Value = emulator.invoke(&event).await;
        assert_eq!(answer["statusCode"], 404, "{answer}");
    }
    emulator.stop().await;
    expect_test::expect_file!["layer_emulator/http.txt"]
        .assert_eq(&render(&collector.received(), &event));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs AWS's emulator: cargo xtask test --all"]
async fn an_error_becomes_a_span() {
    let (layer, collector) = (Layer::new(), Collector::start().await);
    let emulator = Emulator::start(&layer, &collector, "fail");
    let answer = emulator.invoke(&json!({"order": 7}).to_string()).await;
    assert_eq!(answer["errorType"], "ValueError");
    emulator.stop().await;
    expect_test::expect_file!["layer_emulator/error.txt"]
        .assert_eq(&render(&collector.received(), ""));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs AWS's emulator: cargo xtask test --all"]
async fn managed_instances_with_their_telemetry() {
    let (layer, collector) = (Layer::new(), Collector::start().await);
    let emulator = Emulator::start_managed(&layer, &collector, "http");
    let path = workspace().join("propagators/tests/fixtures/function-url.json");
    let event = std::fs::read_to_string(path).unwrap();
    for _ in 0..2 {
        let answer: Value = emulator.invoke(&event).await;
        assert_eq!(answer["statusCode"], 404, "{answer}");
    }
    emulator.stop().await;
    expect_test::expect_file!["layer_emulator/managed_instances.txt"]
        .assert_eq(&render(&collector.received(), &event));
}

// === impl Emulator ===

impl Emulator {
    /// The classic mode, with a Python function.
    fn start(layer: &Layer, collector: &Collector, act: &str) -> Self {
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "--", "sh", "-c", AT_OPT, "sh"])
            .arg(layer.path());
        let runtime = [
            text(&python()),
            "-m".to_owned(),
            "awslambdaric".to_owned(),
            "layered.handler".to_owned(),
        ];
        Self::run(command, collector, act, &runtime)
    }

    /// Managed Instances. The emulator starts `bootstrap` for another user, who may read little, and changes users: only root may.
    fn start_managed(layer: &Layer, collector: &Collector, act: &str) -> Self {
        let at = |name: &str| layer.path().join(name);
        fs::set_permissions(layer.path(), Permissions::from_mode(0o755)).unwrap();
        program(&binary("layered-function"), &at("function"));
        fs::write(
            at("bootstrap"),
            "#!/bin/sh\nexec /opt/baton /opt/function\n",
        )
        .unwrap();
        fs::set_permissions(at("bootstrap"), Permissions::from_mode(0o755)).unwrap();
        // The name under which the Telemetry API reaches an extension.
        fs::write(at("hosts"), "127.0.0.1 localhost sandbox.localdomain\n").unwrap();
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--", "sh", "-c", AT_OPT_MANAGED, "sh"])
            .arg(layer.path())
            .env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
        Self::run(command, collector, act, &[])
    }

    /// Adds the emulator to a command that leads it to its folders.
    fn run(mut command: Command, collector: &Collector, act: &str, runtime: &[String]) -> Self {
        let address = || format!("127.0.0.1:{}", ports::free());
        let (invoke, runtime_api) = (address(), address());
        command
            .arg(emulator())
            .args(["--runtime-interface-emulator-address", &invoke])
            .args(["--runtime-api-address", &runtime_api])
            .arg("/opt/baton")
            .args(runtime)
            .current_dir(functions())
            .env("LAMBDA_TASK_ROOT", functions())
            .env("AWS_LAMBDA_FUNCTION_NAME", "f")
            .env("DO", act)
            .env("BATON_EXPORT", collector.endpoint());
        for name in ["PROXY", "OTLP_HTTP", "OTLP_GRPC", "TELEMETRY"] {
            command.env(format!("BATON_{name}"), address());
        }
        let process = command.stdout(Stdio::null()).process_group(0).spawn();
        Self {
            process: process.expect("`unshare` of util-linux is there"),
            url: format!("http://{invoke}/2015-03-31/functions/function/invocations"),
        }
    }

    /// Ends it as its user does: extensions hear of it, and send what they have.
    async fn stop(mut self) {
        let id = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        kill(id, Signal::SIGTERM).unwrap();
        let process = std::cell::RefCell::new(&mut self.process);
        eventually("the emulator to end", || async {
            process.borrow_mut().try_wait().unwrap()
        })
        .await;
    }

    async fn invoke(&self, event: &str) -> Value {
        let ask = || async {
            let call = http::client().post(&self.url).body(event.to_owned());
            let answer: Value = call.send().await.ok()?.json().await.ok()?;
            // The emulator of Managed Instances queues nothing: the function has to have asked for an event.
            (answer["errorType"] != "Runtime.Unavailable").then_some(answer)
        };
        eventually(
            "the emulator to answer (it needs `unshare --map-root-user --mount`, and for Managed Instances root)",
            ask,
        )
        .await
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let group = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        // It may have ended by itself, which is as good.
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.process.wait();
    }
}
