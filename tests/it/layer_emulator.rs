//! The layer under AWS's own Runtime Interface Emulator.
//!
//! The emulator starts what lies in `/opt/extensions` and can be pointed nowhere else, so it runs in a mount namespace of its own in
//! which the layer's folder lies at `/opt`: nothing of the machine is changed. It has no Telemetry API, and freezes nothing.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::harness::collector::Collector;
use crate::harness::deadline::eventually;
use crate::harness::http;
use crate::harness::interpreters::{emulator, functions, python, workspace};
use crate::harness::layer::Layer;
use crate::harness::ports;
use crate::harness::span_tree::render;

/// Puts the folder `$1` at `/opt` for what follows alone.
const AT_OPT: &str = r#"mount --bind "$1" /opt && shift && exec "$@""#;

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
        assert_eq!(answer["statusCode"], 404);
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

// === impl Emulator ===

impl Emulator {
    fn start(layer: &Layer, collector: &Collector, act: &str) -> Self {
        let address = || format!("127.0.0.1:{}", ports::free());
        let (invoke, runtime_api) = (address(), address());
        let process = Command::new("unshare")
            .args(["--map-root-user", "--mount", "--", "sh", "-c", AT_OPT, "sh"])
            .arg(layer.path())
            .arg(emulator())
            .args(["--runtime-interface-emulator-address", &invoke])
            .args(["--runtime-api-address", &runtime_api])
            .arg("/opt/baton")
            .arg(python())
            .args(["-m", "awslambdaric", "layered.handler"])
            .current_dir(functions())
            .env("LAMBDA_TASK_ROOT", functions())
            .env("AWS_LAMBDA_FUNCTION_NAME", "f")
            .env("DO", act)
            .env("BATON_EXPORT", collector.endpoint())
            .env("BATON_PROXY", address())
            .env("BATON_OTLP_HTTP", address())
            .env("BATON_OTLP_GRPC", address())
            .env("BATON_TELEMETRY", address())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("`unshare` of util-linux is there");
        let url = format!("http://{invoke}/2015-03-31/functions/function/invocations");
        Self { process, url }
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
            call.send().await.ok()
        };
        let answer = eventually(
            "the emulator to answer (it needs user namespaces: `unshare --map-root-user --mount true`)",
            ask,
        )
        .await;
        answer.json().await.unwrap()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let group = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        // It may have ended by itself, which is as good.
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.process.wait();
    }
}
