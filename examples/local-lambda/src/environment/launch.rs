//! Which programs an environment starts, and with what.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::processes::{Launch, Role};
use super::{Context, Live, variables};
use crate::host;
use crate::lifecycle::{Extension, ExtensionState, Fault, MAX_EXTENSIONS};

/// Starts what lies in `/opt/extensions`. All are known before the first one runs, so that each finds its name.
pub(super) fn extensions(context: &Context, live: &mut Live) -> Result<(), Fault> {
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

pub(super) fn runtime(context: &Context, live: &mut Live) -> Result<(), Fault> {
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
