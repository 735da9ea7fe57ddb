//! One line a step: a spinner while it runs, a tick with the time it took when it is done, the whole output when it failed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

/// Runs `work` under a spinner that says `what`.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let spinner = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    spinner.set_message(what.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(120));
    let started = Instant::now();
    let done = work();
    spinner.finish_and_clear();
    let mark = if done.is_ok() { "✓" } else { "✗" };
    eprintln!("{mark} {what} ({:.1} s)", started.elapsed().as_secs_f64());
    done
}

/// Runs a command whose output matters only when it fails.
pub(crate) fn quiet(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| {
        format!("`{shown}` could not be started; is it installed and on the PATH?")
    })?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!(
            "`{shown}` failed with {}:\n{stdout}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(stdout)
}

/// Runs a command that talks to the person itself.
pub(crate) fn loud(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| {
        format!("`{shown}` could not be started; is it installed and on the PATH?")
    })?;
    if !status.success() {
        bail!("`{shown}` failed with {status}");
    }
    Ok(())
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
