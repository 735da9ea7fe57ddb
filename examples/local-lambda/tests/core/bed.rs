//! A function with the fake runtime, and with the fake extension if wanted, in a directory of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use local_lambda::{
    EnvironmentState, Function, FunctionConfig, InvokeOutput, InvokeRequest, Platform,
};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Bed {
    pub(crate) function: Arc<Function>,
    pub(crate) platform: Arc<Platform>,
    pub(crate) directory: TempDir,
}

impl Bed {
    /// No extension.
    pub(crate) fn new(change: impl FnOnce(&mut FunctionConfig)) -> Self {
        Self::with_extensions(&[], change)
    }

    /// With the fake extension under each of these names.
    pub(crate) fn with_extensions(
        names: &[&str],
        change: impl FnOnce(&mut FunctionConfig),
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let runtime = directory.path().join("runtime.py");
        fs::write(&runtime, include_str!("runtime.py")).unwrap();
        let mut config = FunctionConfig::new("f", [python(), runtime.to_str().unwrap()]);
        config.task_root = Some(directory.path().to_owned());
        if !names.is_empty() {
            let extensions = directory.path().join("opt/extensions");
            fs::create_dir_all(&extensions).unwrap();
            for name in names {
                let program = format!("#!{}\n{}", python(), include_str!("extension.py"));
                executable(&extensions.join(name), &program);
            }
            config.opt = Some(directory.path().join("opt"));
        }
        change(&mut config);
        let platform = Platform {
            log_dir: Some(directory.path().join("logs")),
            ..Platform::default()
        };
        let platform = Arc::new(platform);
        Self {
            function: Function::new(config, Arc::clone(&platform)),
            platform,
            directory,
        }
    }

    pub(crate) async fn invoke(&self, event: Value) -> InvokeOutput {
        self.function
            .invoke(InvokeRequest::new(event.to_string()))
            .await
            .unwrap()
    }

    /// The answer of an invocation that works.
    pub(crate) async fn ask(&self, event: Value) -> Value {
        let output = self.invoke(event).await;
        assert_eq!(output.function_error, None, "{:?}", output.payload);
        serde_json::from_slice(&output.payload).unwrap()
    }

    /// The same, once the environment is free: else a second one would be started.
    pub(crate) async fn ask_when_free(&self, event: Value) -> Value {
        self.reached(EnvironmentState::Frozen).await;
        self.ask(event).await
    }

    /// Shuts down once the last invocation has come to its end.
    pub(crate) async fn end(&self) {
        self.reached(EnvironmentState::Frozen).await;
        self.function.shutdown().await;
    }

    /// Waits until the one environment is in a state.
    pub(crate) async fn reached(&self, state: EnvironmentState) {
        eventually(|| {
            self.function
                .environments()
                .iter()
                .all(|environment| environment.state == state)
        })
        .await;
    }

    /// `type status errorType phase`, of every platform record so far.
    pub(crate) fn records(&self) -> Vec<String> {
        let field = |record: &Value, name: &str| {
            record
                .get(name)
                .and_then(Value::as_str)
                .map(|value| format!(" {value}"))
                .unwrap_or_default()
        };
        let show = |event: local_lambda::PlatformEvent| {
            let record = &event.record;
            let (name, state) = (field(record, "name"), field(record, "state"));
            let (status, error, phase) = (
                field(record, "status"),
                field(record, "errorType"),
                field(record, "phase"),
            );
            format!(
                "{}{name}{state}{phase}{status}{error}",
                event.kind.trim_start_matches("platform.")
            )
        };
        self.platform
            .events
            .snapshot()
            .into_iter()
            .map(show)
            .collect()
    }

    /// All log lines of all environments.
    pub(crate) fn log(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let Ok(files) = fs::read_dir(self.directory.path().join("logs/f")) else {
            return lines;
        };
        for file in files {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            lines.extend(text.lines().map(str::to_owned));
        }
        lines
    }

    /// The log lines that begin so, without that beginning.
    pub(crate) fn logged(&self, start: &str) -> Vec<String> {
        self.log()
            .iter()
            .filter_map(|line| line.strip_prefix(start))
            .map(|rest| rest.trim().to_owned())
            .collect()
    }
}

pub(crate) fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The interpreter itself: what `PATH` finds may be a script that looks for it, and slow.
pub(crate) fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let asked = Command::new("python3")
            .args(["-c", "import sys; print(sys.executable)"])
            .output();
        String::from_utf8(asked.unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    })
}

/// The state letter of a process; `None` when it is gone.
pub(crate) fn process_state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next())
}

/// Gone, or a zombie that waits for its parent.
pub(crate) fn is_gone(pid: u32) -> bool {
    matches!(process_state(pid), None | Some('Z' | 'X'))
}

/// Waits for something that nothing announces.
#[track_caller]
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..1000 {
            if condition() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it did not happen within 10 s: {caller}");
    }
}
