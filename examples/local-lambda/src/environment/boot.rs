//! Init: extensions first, the runtime once they have all registered, and done when everyone asked for an event.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::Instant;
use uuid::Uuid;

use super::processes::{Launch, Processes, Role};
use super::view::EnvironmentState;
use super::{Context, Cut, Environment, Live, variables};
use crate::clock::millis;
use crate::host;
use crate::lifecycle::{Extension, ExtensionState, Fault, MAX_EXTENSIONS, RuntimeState};
use crate::sandbox::{FUNCTION_VERSION, Sandbox};
use crate::telemetry::{
    ExtensionRecord, INITIALIZATION_TYPE, InitMetrics, InitReport, InitRuntimeDone, InitStart,
    Phase, PlatformRecord, Status, Telemetry,
};

// === impl Environment ===

impl Environment {
    /// Starts everything. When it fails, the processes are still there, for `stop` to end.
    pub(super) async fn boot(&mut self, phase: Phase, deadline: Instant) -> Result<f64, Cut> {
        let started = Instant::now();
        self.view.enter(EnvironmentState::Init);
        let live = self
            .live
            .insert(new_live(&self.context, &self.output, &self.view));
        self.slot.set(Some(Arc::clone(&live.sandbox)));
        live.sandbox
            .telemetry
            .emit(&init_start(&self.context, phase));

        let context = &self.context;
        let mut outcome = launch_extensions(context, live).map_err(Cut::Fault);
        if outcome.is_ok() {
            let registered = until(&live.sandbox, |state| {
                state.external_extensions_registered()
            });
            outcome = live
                .guard(context.config.memory_mb, deadline, registered)
                .await;
        }
        if outcome.is_ok() {
            outcome = launch_runtime(context, live).map_err(Cut::Fault);
        }
        if outcome.is_ok() {
            let ready = until(&live.sandbox, |state| state.runtime == RuntimeState::Ready);
            outcome = live.guard(context.config.memory_mb, deadline, ready).await;
        }
        live.sandbox.telemetry.emit(&runtime_done(phase, &outcome));
        live.sandbox.update(|state| state.registration_open = false);
        if outcome.is_ok() {
            let ready = until(&live.sandbox, crate::lifecycle::Lifecycle::everyone_ready);
            outcome = live.guard(context.config.memory_mb, deadline, ready).await;
        }
        live.sandbox.update(|state| state.subscription_open = false);
        let duration_ms = millis(started.elapsed());
        report(&live.sandbox, phase, &outcome, duration_ms);
        live.sandbox.telemetry.forget_history();
        outcome.map(|()| duration_ms)
    }
}

fn new_live(context: &Context, output: &Arc<super::Output>, view: &Arc<super::View>) -> Live {
    let identity = &context.identity;
    let json = context
        .config
        .env
        .get("AWS_LAMBDA_LOG_FORMAT")
        .is_some_and(|format| format.eq_ignore_ascii_case("json"));
    let events = context.platform.events.clone();
    let telemetry = Telemetry::new(
        &identity.function,
        &identity.environment,
        identity.address,
        json,
        events,
    );
    let sandbox = Arc::new(Sandbox::new(Arc::clone(identity), telemetry));
    let processes = Processes::new(Arc::clone(&sandbox), Arc::clone(output), Arc::clone(view));
    Live { sandbox, processes }
}

/// Waits for a condition, as work that a guard can cut short.
async fn until(
    sandbox: &Sandbox,
    condition: impl Fn(&crate::lifecycle::Lifecycle) -> bool,
) -> Result<(), Fault> {
    sandbox.until(|state| condition(state).then_some(())).await;
    Ok(())
}

/// Starts what lies in `/opt/extensions`. All are known before the first one runs, so that each finds its name.
fn launch_extensions(context: &Context, live: &mut Live) -> Result<(), Fault> {
    let launch_error = |name: &str, why: String| {
        Fault::new(
            "Extension.LaunchError",
            format!("Error: extension {name} cannot be started: {why}"),
        )
    };
    let Some(opt) = &context.opt else {
        return Ok(());
    };
    let programs = executables(&opt.join("extensions"))
        .map_err(|error| launch_error("directory", error.to_string()))?;
    if programs.len() > MAX_EXTENSIONS {
        let why = format!(
            "there are {}; expected at most {MAX_EXTENSIONS}",
            programs.len()
        );
        return Err(launch_error("eleven", why));
    }
    let known: Vec<(Uuid, PathBuf)> = live.sandbox.update(|state| {
        let add = |program: PathBuf| {
            let name = program
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let extension = Extension::new(&name, true);
            let id = extension.id;
            state.extensions.push(extension);
            (id, program)
        };
        programs.into_iter().map(add).collect()
    });
    for (id, program) in known {
        let name = program.display().to_string();
        let launch = Launch {
            role: Role::Extension(id),
            program,
            arguments: Vec::new(),
            variables: variables::of_extension(context, host::variables()),
            directory: PathBuf::from("/"),
        };
        live.processes.start(&launch).map_err(|error| {
            live.sandbox.update(|state| {
                if let Some(extension) = state.extension(id) {
                    extension.state = ExtensionState::LaunchError;
                    let denied = error.kind() == io::ErrorKind::PermissionDenied;
                    extension.error_type = Some(
                        if denied {
                            "PermissionDenied"
                        } else {
                            "UnknownError"
                        }
                        .to_owned(),
                    );
                }
            });
            launch_error(&name, error.to_string())
        })?;
    }
    Ok(())
}

/// The executable files of a directory by name; none when there is no such directory.
fn executables(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut programs = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let metadata = fs::metadata(&path)?;
        if metadata.is_file() && metadata.permissions().mode() & 0o111 != 0 {
            programs.push(path);
        } else if metadata.is_file() {
            tracing::warn!(path = %path.display(), "not an executable, so no extension");
        }
    }
    programs.sort();
    Ok(programs)
}

fn launch_runtime(context: &Context, live: &mut Live) -> Result<(), Fault> {
    let variables = variables::of_runtime(context, host::variables());
    let mut command = context.config.command.iter().cloned();
    let program = command.next().unwrap_or_default();
    let mut arguments: Vec<String> = command.collect();
    let mut path = in_directory(&context.task_root, &program);
    if let Some(wrapper) = variables
        .get("AWS_LAMBDA_EXEC_WRAPPER")
        .filter(|wrapper| !wrapper.is_empty())
    {
        // The wrapper gets the runtime's command line and is expected to `exec "$@"`.
        arguments.insert(0, path.to_string_lossy().into_owned());
        path = in_opt(context.opt.as_deref(), wrapper);
    }
    if !context.task_root.is_dir() {
        let message = format!(
            "Error: working directory {} does not exist",
            context.task_root.display()
        );
        return Err(Fault::new("Runtime.InvalidWorkingDir", message));
    }
    let directory = context.task_root.clone();
    let shown = path.display().to_string();
    let launch = Launch {
        role: Role::Runtime,
        program: path,
        arguments,
        variables,
        directory,
    };
    live.processes.start(&launch).map_err(|error| {
        Fault::new(
            "Runtime.InvalidEntrypoint",
            format!("Error: Couldn't start the runtime {shown}: {error}"),
        )
    })
}

/// A relative program with a directory in it lies below the task root; a bare name is looked up in `PATH`.
fn in_directory(task_root: &Path, program: &str) -> PathBuf {
    if program.contains('/') {
        task_root.join(program)
    } else {
        PathBuf::from(program)
    }
}

/// `/opt/x` is `OPT/x`.
fn in_opt(opt: Option<&Path>, path: &str) -> PathBuf {
    match (opt, Path::new(path).strip_prefix("/opt")) {
        (Some(opt), Ok(inside)) => opt.join(inside),
        _ => PathBuf::from(path),
    }
}

fn init_start(context: &Context, phase: Phase) -> PlatformRecord {
    PlatformRecord::InitStart(InitStart {
        initialization_type: INITIALIZATION_TYPE,
        phase,
        function_name: context.identity.function.clone(),
        function_version: FUNCTION_VERSION,
        instance_id: context.identity.environment.clone(),
        instance_max_memory: u64::from(context.config.memory_mb) * 1024 * 1024,
    })
}

fn status_of(outcome: &Result<(), Cut>) -> (Status, Option<String>) {
    match outcome {
        Ok(()) => (Status::Success, None),
        Err(Cut::Timeout) => (Status::Timeout, None),
        Err(Cut::Fault(fault)) => (Status::Error, Some(fault.error_type.clone())),
    }
}

fn runtime_done(phase: Phase, outcome: &Result<(), Cut>) -> PlatformRecord {
    let (status, error_type) = status_of(outcome);
    PlatformRecord::InitRuntimeDone(InitRuntimeDone {
        initialization_type: INITIALIZATION_TYPE,
        phase,
        status,
        error_type,
    })
}

fn report(sandbox: &Sandbox, phase: Phase, outcome: &Result<(), Cut>, duration_ms: f64) {
    let extensions = sandbox.look(|state| {
        let record = |extension: &Extension| ExtensionRecord {
            name: extension.name.clone(),
            state: extension.state.name(),
            events: extension.subscriptions.names(),
            error_type: extension.error_type.clone(),
        };
        state.extensions.iter().map(record).collect::<Vec<_>>()
    });
    for extension in extensions {
        sandbox
            .telemetry
            .emit(&PlatformRecord::Extension(extension));
    }
    let (status, error_type) = status_of(outcome);
    sandbox
        .telemetry
        .emit(&PlatformRecord::InitReport(InitReport {
            initialization_type: INITIALIZATION_TYPE,
            phase,
            status,
            error_type,
            metrics: InitMetrics { duration_ms },
        }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_looked_up_as_on_lambda() {
        let opt = Path::new("/layer");
        let cases = [
            (in_opt(Some(opt), "/opt/wrap"), "/layer/wrap"),
            (in_opt(Some(opt), "/opt/bin/wrap"), "/layer/bin/wrap"),
            (in_opt(Some(opt), "/optional"), "/optional"),
            (in_opt(None, "/opt/wrap"), "/opt/wrap"),
            (
                in_directory(Path::new("/task"), "./bootstrap"),
                "/task/./bootstrap",
            ),
            (in_directory(Path::new("/task"), "/bin/sh"), "/bin/sh"),
            (in_directory(Path::new("/task"), "python3"), "python3"),
        ];
        for (found, expected) in cases {
            assert_eq!(found, Path::new(expected));
        }
    }
}
